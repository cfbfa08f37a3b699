/** What the units of a module do, read from its code without running it. @module */

import { Changes, Holders, changesSome, mentions } from './flow/changes.ts';
import type { Needs } from './flow/needs.ts';
import { reach } from './flow/region.ts';
import type { Region } from './flow/region.ts';
import type { Thing } from './flow/value.ts';
import type { Walker } from './flow/walker.ts';
import { push } from './names.ts';
import type { Unit } from './units.ts';

/** The answers to what has to be known of a module's units. */
export class Flow {
  readonly #walker: Walker;
  readonly #regions: Set<Region>;
  readonly #holders: Holders;
  #firstCalls: Map<Thing | undefined, number> | undefined;

  /** Which code runs other code, which hands it on, and which may run it. */
  readonly #callers: Map<Region, Region[]> = new Map();
  readonly #givers: Map<Region, Region[]> = new Map();
  readonly #guessers: Map<Region, Region[]> = new Map();
  readonly #units: Map<Region, Unit> = new Map();

  /** Units that call a wrapper, or hand code on that does. */
  readonly dispatching: ReadonlySet<Unit>;

  /** Units that register something with the library. */
  readonly registering: ReadonlySet<Unit>;

  /** Units that do something outside of the module, such as printing or listening. */
  readonly acting: ReadonlySet<Unit>;

  /** Units that call code of other modules. */
  readonly foreign: ReadonlySet<Unit>;

  /** Units that take what cannot be had twice. */
  readonly unique: ReadonlySet<Unit>;

  constructor(walker: Walker) {
    this.#walker = walker;
    for (const [unit, { region }] of walker.frames) this.#units.set(region, unit);
    const others = [...walker.served.values(), ...walker.opened.values()].map(({ region }) => region);
    this.#regions = reach([...this.#units.keys(), ...others], 'perhaps too');
    for (const region of this.#regions) {
      for (const next of region.runs) push(region.guesses.has(next) ? this.#guessers : this.#callers, next, region);
      for (const next of region.handsOn) push(this.#givers, next, region);
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

  /** The units whose evaluation changes something of `needs`. */
  changing(needs: Needs): Set<Unit> {
    const above = this.#holders.above(needs);
    const surely = new Set<Region>();
    const perhaps = new Set<Region>();
    for (const region of this.#regions) {
      const how = changesSome(region, needs, above);
      if (how === 'surely') surely.add(region);
      else if (how === 'perhaps') perhaps.add(region);
    }
    // Where it is not known what is changed, it is taken to be what the code names that leads to the change.
    for (const region of this.#above(perhaps, 'perhaps')) if (mentions(region, needs)) surely.add(region);
    return this.#unitsOf(this.#above(surely, 'perhaps'));
  }

  /** The units that read, when they are evaluated, what a statement before them changes of which `changes` tells. */
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

  /** The units whose evaluation reads one of the variables `names` of the top level. */
  reading(names: ReadonlySet<string>): Set<Unit> {
    return this.#unitsThat((region) => {
      for (const cell of region.gets) if (!cell.owner && names.has(cell.name)) return true;
      return false;
    });
  }

  /** What runs when `unit` is evaluated. */
  atOnce(unit: Unit): ReadonlySet<Region> {
    return reach(this.#own(unit), 'at once');
  }

  /** What other modules may run that use what `unit` exports. */
  opened(unit: Unit): ReadonlySet<Region> {
    const frame = this.#walker.opened.get(unit);
    return frame ? reach([frame.region], 'later too') : new Set();
  }

  /** The functions that threads run, and what a call of each may run. */
  *served(extent: 'later too' | 'perhaps too'): Iterable<[Thing, ReadonlySet<Region>]> {
    for (const [thing, { region }] of this.#walker.served) yield [thing, reach([region], extent)];
  }

  /**
   * What the main thread changes, and no other one: all that the units that are not `kept` do, and what those that are
   * hand on for later.
   */
  changesOfMain(kept: ReadonlySet<Unit>, later: 'later too' | 'at once'): Changes {
    const changes = new Changes();
    const seen = new Set<Region>();
    // Statements come in the order in which they run: the first one that leads to a piece of code counts.
    for (const [own, unit] of this.#units) {
      const isKept = kept.has(unit);
      // What a statement that stays hands on runs after those that follow it.
      if (isKept && later === 'at once') continue;
      const mine = isKept ? [...reach([own], 'at once')].flatMap(({ handsOn }) => [...handsOn]) : [own];
      const found = new Set(mine.filter((region) => !seen.has(region)));
      for (const region of found) {
        seen.add(region);
        changes.add(region, unit.start, found);
        for (const next of region.runs) if (!seen.has(next) && !region.guesses.has(next)) found.add(next);
        for (const next of region.handsOn) if (!seen.has(next)) found.add(next);
      }
      const guessed = [...found].flatMap(({ guesses }) => [...guesses].filter((region) => !seen.has(region)));
      for (const region of reach(guessed, 'at once'))
        if (!seen.has(region)) changes.add(region, unit.start, found, true);
    }
    return changes;
  }

  /** What the units that are `kept` change which declare nothing, the last of them first. */
  changesOfKept(kept: ReadonlySet<Unit>): Changes {
    const changes = new Changes();
    const units = [...kept].filter(({ kind }) => kind === 'statement').sort((a, b) => b.start - a.start);
    for (const unit of units) {
      const together = this.atOnce(unit);
      for (const region of together) changes.add(region, unit.start, together);
    }
    return changes;
  }

  /** Where the first statement starts that calls a wrapper of `thing`, when it is evaluated. */
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
        // Of a pool, it is not known which functions it runs.
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

  /** All code from which `regions` are called, they included, but for what is `seen`. */
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

  /** All code that leads to `regions`, they included. */
  #above(regions: Iterable<Region>, more?: 'later too' | 'perhaps'): Set<Region> {
    const found = new Set(regions);
    // A set is iterated in the order of insertion, what is added on the way included.
    for (const region of found) {
      for (const caller of this.#callers.get(region) ?? []) found.add(caller);
      if (more === 'later too') for (const giver of this.#givers.get(region) ?? []) found.add(giver);
      if (more === 'perhaps') for (const guesser of this.#guessers.get(region) ?? []) found.add(guesser);
    }
    return found;
  }
}
