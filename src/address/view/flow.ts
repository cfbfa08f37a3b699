/** The effects of a module's units, read from the code without running it. @module */

import { Changes, Holders, changesSome, mentions } from './flow/changes.ts';
import type { Needs } from './flow/needs.ts';
import { reach } from './flow/region.ts';
import type { Region } from './flow/region.ts';
import type { Thing } from './flow/value.ts';
import type { Walker } from './flow/walker.ts';
import { push } from './names.ts';
import type { Unit } from './units.ts';

/** Answers questions about the effects of a module's units. */
export class Flow {
  readonly #walker: Walker;
  readonly #regions: Set<Region>;
  readonly #holders: Holders;
  #firstCalls: Map<Thing | undefined, number> | undefined;

  /** For each region, the regions that run it, that pass it on to other code, and that may run it. */
  readonly #callers: Map<Region, Region[]> = new Map();
  readonly #givers: Map<Region, Region[]> = new Map();
  readonly #guessers: Map<Region, Region[]> = new Map();
  readonly #units: Map<Region, Unit> = new Map();

  /** Units that call a wrapper, or pass on code that does. */
  readonly dispatching: ReadonlySet<Unit>;

  /** Units that register something with the library. */
  readonly registering: ReadonlySet<Unit>;

  /** Units with an effect outside the module, such as printing or listening. */
  readonly acting: ReadonlySet<Unit>;

  /** Units that call code of other modules. */
  readonly foreign: ReadonlySet<Unit>;

  /** Units that take something that cannot be had twice. */
  readonly unique: ReadonlySet<Unit>;

  constructor(walker: Walker) {
    this.#walker = walker;
    for (const [unit, { region }] of walker.frames) this.#units.set(region, unit);
    const others = [...walker.served.values(), ...walker.opened.values()].map(({ region }) => region);
    this.#regions = reach([...this.#units.keys(), ...others], 'perhaps too');
    for (const region of this.#regions) {
      for (const next of region.runs) push(region.guesses.has(next) ? this.#guessers : this.#callers, next, region);
      for (const next of region.passesOn) push(this.#givers, next, region);
      for (const next of region.mayRun) push(this.#guessers, next, region);
    }
    const values = [...this.#regions].flatMap((region) =>
      [region.changes, region.reads]
        .flat()
        .map(({ of }) => of)
        .concat(region.wholes),
    );
    this.#holders = new Holders(values.flatMap(({ things }) => [...(things ?? [])]));
    this.dispatching = this.#unitsThat(({ dispatches }) => dispatches.size > 0, 'later too');
    this.registering = this.#unitsThat((region) => region.registers);
    this.acting = this.#unitsThat((region) => region.acts);
    this.foreign = this.#unitsThat((region) => region.isForeign);
    this.unique = this.#unitsThat((region) => region.isUnique);
  }

  /** The units whose evaluation changes something that `needs` has. */
  changing(needs: Needs): Set<Unit> {
    const above = this.#holders.above(needs);
    const surely = new Set<Region>();
    const perhaps = new Set<Region>();
    for (const region of this.#regions) {
      const how = changesSome(region, needs, above);
      if (how === 'surely') surely.add(region);
      else if (how === 'perhaps') perhaps.add(region);
    }
    // If the changed thing is unknown, it is assumed to be one that the code leading to the change mentions.
    for (const region of this.#above(perhaps, 'perhaps')) if (mentions(region, needs)) surely.add(region);
    return this.#unitsOf(this.#above(surely, 'perhaps'));
  }

  /** The units whose evaluation reads something that an earlier statement changes, according to `changes`. */
  misled(changes: Changes): Set<Unit> {
    const spread = changes.spread(this.#holders);
    const first = [...this.#regions].map((region) => ({ region, since: changes.readBy(region, spread) }));
    const inOrder = first.filter(({ since }) => since < Infinity).sort((a, b) => a.since - b.since);
    const seen = new Set<Region>();
    const units = new Set<Unit>();
    for (const { region, since } of inOrder) {
      for (const found of this.#callersOf(seen.has(region) ? [] : [region], seen)) {
        const unit = this.#units.get(found);
        if (unit && since < unit.start) units.add(unit);
      }
    }
    return units;
  }

  /** The units whose evaluation reads one of the top-level variables `names`. */
  reading(names: ReadonlySet<string>): Set<Unit> {
    return this.#unitsThat((region) => {
      for (const variable of region.gets) if (!variable.owner && names.has(variable.name)) return true;
      return false;
    });
  }

  /** The regions that run when `unit` is evaluated. */
  atOnce(unit: Unit): ReadonlySet<Region> {
    return reach(this.#own(unit), 'at once');
  }

  /** The regions that other modules may run by using the exports of `unit`. */
  opened(unit: Unit): ReadonlySet<Region> {
    const frame = this.#walker.opened.get(unit);
    return frame ? reach([frame.region], 'later too') : new Set();
  }

  /** The functions that threads run, each with the regions that a call of it may run. */
  *served(extent: 'later too' | 'perhaps too'): Iterable<[Thing, ReadonlySet<Region>]> {
    for (const [thing, { region }] of this.#walker.served) yield [thing, reach([region], extent)];
  }

  /**
   * The changes that only the main thread makes: all those of the units that are not `kept`, and those of the functions
   * that kept units pass on to run later.
   */
  changesOfMain(kept: ReadonlySet<Unit>, later: 'later too' | 'at once'): Changes {
    const changes = new Changes();
    const seen = new Set<Region>();
    // The units come in the order in which they run; a region counts for the first unit that leads to it.
    for (const [own, unit] of this.#units) {
      const isKept = kept.has(unit);
      // Functions that a kept statement passes on run after the statements that follow it.
      if (isKept && later === 'at once') continue;
      const mine = isKept ? [...reach([own], 'at once')].flatMap(({ passesOn }) => [...passesOn]) : [own];
      const found = new Set(mine.filter((region) => !seen.has(region)));
      for (const region of found) {
        seen.add(region);
        changes.add(region, unit.start, found);
        for (const next of region.runs) if (!seen.has(next) && !region.guesses.has(next)) found.add(next);
        for (const next of region.passesOn) if (!seen.has(next)) found.add(next);
      }
      const guessed = [...found].flatMap(({ guesses }) => [...guesses].filter((region) => !seen.has(region)));
      for (const region of reach(guessed, 'at once'))
        if (!seen.has(region)) changes.add(region, unit.start, found, true);
    }
    return changes;
  }

  /** The changes by `kept` units that declare nothing, the last unit first. */
  changesOfKept(kept: ReadonlySet<Unit>): Changes {
    const changes = new Changes();
    const units = [...kept].filter(({ kind }) => kind === 'statement').sort((a, b) => b.start - a.start);
    for (const unit of units) {
      const together = this.atOnce(unit);
      for (const region of together) changes.add(region, unit.start, together);
    }
    return changes;
  }

  /** The start of the first statement whose evaluation calls a wrapper of `thing`. */
  firstCall(thing: Thing): number {
    this.#firstCalls ??= this.#findCalls();
    return Math.min(this.#firstCalls.get(thing) ?? Infinity, this.#firstCalls.get(undefined) ?? Infinity);
  }

  #findCalls(): Map<Thing | undefined, number> {
    const first = new Map<Thing | undefined, number>();
    for (const region of this.#regions) {
      if (region.dispatches.size === 0) continue;
      const starts = [...this.#unitsThat((it) => it === region)].map(({ start }) => start);
      for (const wrapper of region.dispatches) {
        // For a pool, it is not known which functions it runs.
        for (const thing of wrapper.wraps?.things ?? [undefined]) {
          first.set(thing, Math.min(first.get(thing) ?? Infinity, ...starts));
        }
      }
    }
    return first;
  }

  #own(unit: Unit): Region[] {
    const frame = this.#walker.frames.get(unit);
    return frame ? [frame.region] : [];
  }

  /** All regions that lead to a call of `regions`, and these themselves, apart from those in `seen`. */
  #callersOf(regions: Iterable<Region>, seen: Set<Region>): Set<Region> {
    const found = new Set(regions);
    for (const region of found) {
      seen.add(region);
      for (const caller of this.#callers.get(region) ?? []) if (!seen.has(caller)) found.add(caller);
    }
    return found;
  }

  #unitsThat(test: (region: Region) => boolean, more?: 'later too' | 'perhaps'): Set<Unit> {
    return this.#unitsOf(this.#above([...this.#regions].filter(test), more));
  }

  #unitsOf(regions: Iterable<Region>): Set<Unit> {
    const units = new Set<Unit>();
    for (const region of regions) {
      const unit = this.#units.get(region);
      if (unit) units.add(unit);
    }
    return units;
  }

  /** All regions that lead to `regions`, and these themselves. */
  #above(regions: Iterable<Region>, more?: 'later too' | 'perhaps'): Set<Region> {
    const found = new Set(regions);
    // A set is iterated in the order of insertion, and elements added during the loop are visited too.
    for (const region of found) {
      for (const caller of this.#callers.get(region) ?? []) found.add(caller);
      if (more === 'later too') for (const giver of this.#givers.get(region) ?? []) found.add(giver);
      if (more === 'perhaps') for (const guesser of this.#guessers.get(region) ?? []) found.add(guesser);
    }
    return found;
  }
}
