/** What code changes, and since which statement. @module */

import { Needs } from './needs.ts';
import { isBuiltin, isFixed, isShared } from './known-things.ts';
import { held, holds } from './region.ts';
import type { Change, Place, Region } from './region.ts';
import { Thing } from './value.ts';
import type { Cell, Value } from './value.ts';

/** A change. */
export interface Found {
  readonly place: Place;

  /** Where the statement of the top level starts that leads to it. */
  readonly since: number;

  /** What is changed: a variable, or a property of a thing. */
  readonly what: Cell | Thing;
}

/**
 * The changes that code makes, added in the order in which the code runs; of those of the same variable or property,
 * the first.
 */
export class Changes {
  readonly #cells: Map<Cell, Found> = new Map();
  /** Those that are given a value only if they have none. */
  readonly #filled: Map<Cell, Found> = new Map();
  readonly #things: Map<Thing, Map<string | undefined, Found>> = new Map();

  /** Changes of what is not told apart from others of its kind, by the code that runs together. */
  readonly #vague: Map<ReadonlySet<Region>, Map<Cell | Thing, Map<string | undefined, Found>>> = new Map();

  /** Things that are changed with all that they hold. */
  readonly #wholes: Set<Thing> = new Set();

  /** Adds what `region` changes, which runs among `together` because of the statement that starts at `since`, or may do so. */
  add({ sets, fills, changes }: Region, since: number, together: ReadonlySet<Region>, isGuess = false): void {
    if (isGuess) {
      for (const [cell, place] of [...sets, ...fills])
        this.#addVague({ place, since, what: cell }, undefined, together);
      for (const { of, key, start, end } of changes)
        for (const what of of.things ?? []) this.#addVague({ place: { start, end }, since, what }, key, together);
      return;
    }
    for (const [cell, place] of fills)
      if (isCertain(cell) && !this.#filled.has(cell)) this.#filled.set(cell, { place, since, what: cell });
    for (const [cell, place] of sets) {
      if (!isCertain(cell)) this.#addVague({ place, since, what: cell }, undefined, together);
      else if (!this.#cells.has(cell)) this.#cells.set(cell, { place, since, what: cell });
    }
    for (const change of changes) {
      const { key, start, end } = change;
      for (const thing of change.of.things ?? []) {
        if (thing.isVague) this.#addVague({ place: { start, end }, since, what: thing }, key, together);
        this.#add(thing, key, change, since);
        if (!reachesFurther(thing, change)) continue;
        for (const part of held([thing], this.#wholes)) this.#add(part, undefined, change, since);
      }
    }
  }

  /** A change of what `needs` has. */
  of(needs: Needs): Found | undefined {
    for (const cell of needs.cells) {
      // What fills it wherever it is empty does so here as well.
      const found = this.#cells.get(cell) ?? (needs.fills.has(cell) ? undefined : this.#filled.get(cell));
      if (found) return found;
    }
    for (const [thing] of needs.things) {
      for (const [key, found] of this.#things.get(thing) ?? []) if (needs.includes(thing, key)) return found;
    }
    return this.#vaguely(needs);
  }

  /** A change of what `needs` may have: it is taken to be what the code names that changes it. */
  #vaguely(needs: Needs): Found | undefined {
    for (const [together, changed] of this.#vague) {
      const found = vaguely(changed, needs);
      if (found && [...together].some((region) => mentions(region, needs))) return found;
    }
    return undefined;
  }

  /** Since when all that may hold something that is changed does so, by thing. */
  spread(holders: Holders): Map<Thing, number> {
    const first = new Map<Thing, number>();
    for (const [thing, keys] of this.#things)
      first.set(thing, Math.min(...[...keys.values()].map(({ since }) => since)));
    const inOrder = [...first].sort(([, a], [, b]) => a - b);
    const found = new Map<Thing, number>();
    for (const [thing, since] of inOrder) for (const above of holders.aboveAll([thing], found)) found.set(above, since);
    return found;
  }

  /** Since when `region` reads something that is changed; `spread` is what {@link spread} tells. */
  readBy(region: Region, spread: ReadonlyMap<Thing, number>): number {
    const { gets, reads, wholes } = region;
    let first = Infinity;
    for (const cell of gets) first = Math.min(first, this.#cells.get(cell)?.since ?? Infinity);
    for (const value of wholes) first = least(value, first, (thing) => spread.get(thing));
    for (const { of, key } of reads) first = least(of, first, (thing) => this.#sinceOf(thing, key, spread));
    return this.#vague.size === 0 ? first : Math.min(first, this.#sinceVaguely(region));
  }

  /** Since when something is changed that may be what `region` reads, by code that names a variable which it names too. */
  #sinceVaguely(region: Region): number {
    const needs = new Needs();
    needs.add([region]);
    return this.#vaguely(needs)?.since ?? Infinity;
  }

  #sinceOf(thing: Thing, key: string | undefined, spread: ReadonlyMap<Thing, number>): number | undefined {
    if (thing.sources?.things) return spread.get(thing);
    const seen = new Set([thing]);
    let first: number | undefined;
    for (const one of seen) {
      const keys = this.#things.get(one);
      for (const [changed, { since }] of keys ?? []) {
        if (changed === undefined || key === undefined || changed === key) first = Math.min(first ?? Infinity, since);
      }
      for (const prototype of one.prototypes.things ?? []) seen.add(prototype);
    }
    return first;
  }

  #addVague(found: Found, key: string | undefined, together: ReadonlySet<Region>): void {
    const { what } = found;
    if (what instanceof Thing && (isFixed(what) || isBuiltin(what))) return;
    let changed = this.#vague.get(together);
    if (!changed) this.#vague.set(together, (changed = new Map()));
    let keys = changed.get(found.what);
    if (!keys) changed.set(found.what, (keys = new Map()));
    if (!keys.has(key)) keys.set(key, found);
  }

  #add(what: Thing, key: string | undefined, { start, end }: Place, since: number): void {
    // Whether it is what is meant, nobody can tell.
    if (what.isVague) return;
    // One property of what the language or Node.js has may be given to it; any of them, nobody means.
    if (isFixed(what) || (key === undefined && isBuiltin(what))) return;
    let keys = this.#things.get(what);
    if (!keys) this.#things.set(what, (keys = new Map()));
    if (!keys.has(key)) keys.set(key, { place: { start, end }, since, what });
  }
}

/** What of `changed` may be a change of what `needs` has. */
function vaguely(
  changed: ReadonlyMap<Cell | Thing, ReadonlyMap<string | undefined, Found>>,
  needs: Needs,
): Found | undefined {
  for (const [what, keys] of changed) {
    for (const [key, found] of keys) {
      const isMeant =
        what instanceof Thing ? needs.includes(what, key) || needs.mayInclude(what, key) : needs.cells.has(what);
      if (isMeant) return found;
    }
  }
  return undefined;
}

/** Whether `region` itself names something that is needed and is more than a function. */
export function mentions({ gets }: Region, { cells }: Needs): boolean {
  for (const cell of gets) {
    if (!cells.has(cell)) continue;
    for (const { code, fields } of cell.things ?? []) {
      if (code?.type !== 'FunctionDeclaration' || fields.size > 1) return true;
    }
  }
  return false;
}

/** Whether it is the variable of one call, or of the module. */
const isCertain = ({ owner }: Cell): boolean => !owner?.isVague;

function least({ things }: Value, first: number, since: (thing: Thing) => number | undefined): number {
  let least = first;
  for (const thing of things ?? []) least = Math.min(least, since(thing) ?? Infinity);
  return least;
}

/** Whether `change` of `thing` may change more than `thing`: what others made of something may be that, or a part of it. */
function reachesFurther(thing: Thing, { deep }: Change): boolean {
  return deep || thing.sources?.things !== undefined;
}

/**
 * Whether `region` changes what `needs` has, or may be changing that: some of what it changes is not told apart from
 * what is needed. `above` are all things that hold something of `needs`.
 */
export function changesSome(
  { sets, fills, changes }: Region,
  needs: Needs,
  above: ReadonlySet<Thing>,
): 'surely' | 'perhaps' | undefined {
  for (const cell of [...sets.keys(), ...fills.keys()]) if (needs.cells.has(cell)) return 'surely';
  let isPossible = false;
  for (const change of changes) {
    for (const thing of change.of.things ?? []) {
      // Any code may look at what the language has.
      if (isShared(thing)) return 'surely';
      const isMeant = !isFixed(thing) && needs.includes(thing, change.key);
      if (isMeant || (reachesFurther(thing, change) && above.has(thing))) {
        if (!thing.isVague) return 'surely';
        isPossible = true;
      }
      isPossible ||= needs.mayInclude(thing, change.key);
    }
  }
  return isPossible ? 'perhaps' : undefined;
}

/** Which things hold which: to find those that hold what is needed. */
export class Holders {
  readonly #holders: Map<Thing, Thing[]> = new Map();

  constructor(things: Iterable<Thing>) {
    for (const thing of held(things)) {
      for (const part of holds(thing)) {
        const known = this.#holders.get(part);
        if (known) known.push(thing);
        else this.#holders.set(part, [thing]);
      }
    }
  }

  /** All things by which one can come to something of `needs` that can be changed. */
  above(needs: Needs): Set<Thing> {
    return this.aboveAll(
      [...needs.things.keys()].filter((thing) => !isFixed(thing) && !isBuiltin(thing)),
      new Map(),
    );
  }

  /** `things`, and all by which one can come to them; those of `known` are taken to have been looked at. */
  aboveAll(things: readonly Thing[], known: ReadonlyMap<Thing, unknown>): Set<Thing> {
    const found = new Set(things.filter((thing) => !known.has(thing)));
    for (const thing of found) {
      for (const holder of this.#holders.get(thing) ?? []) if (!known.has(holder)) found.add(holder);
    }
    return found;
  }
}
