/** The effects of a piece of code: what it reads, changes and calls. @module */

import { Summary } from './value.ts';
import type { Variable, Thing, Value } from './value.ts';

/** A range of the module's text. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A read or changed property of what a value holds; any property if `key` is `undefined`. */
export interface Access {
  readonly of: Value;
  readonly key: string | undefined;
}

/** A change. */
export interface Change extends Access, Place {
  /** Whether parts of the thing may be changed too, as by a function of another module. */
  readonly deep: boolean;
}

/** Code that runs together: the evaluation of a top-level statement, or one call of a function. */
export class Region {
  /** The index of the unit that contains the code. */
  readonly unit: number;

  /** The regions that it calls. */
  readonly runs: Set<Region> = new Set();

  /** Those of `runs` that it may not call after all: a method of that name was found, but on a vague thing. */
  readonly guesses: Set<Region> = new Set();

  /** The regions that it may call, if too many callees are possible to tell. */
  readonly mayRun: Set<Region> = new Set();

  /** The regions that it passes on to other code, which may call them at any time. */
  readonly passesOn: Set<Region> = new Set();

  /** The variables of enclosing code that it reads. */
  readonly gets: Set<Variable> = new Set();

  /** Those variables that it assigns, and where. */
  readonly sets: Map<Variable, Place> = new Map();

  /** Those variables that it assigns only while they have no value: `a ??= make()`. */
  readonly fills: Map<Variable, Place> = new Map();
  readonly reads: Access[] = [];

  /** Values that it reads with all that they hold. */
  readonly wholes: Value[] = [];
  readonly changes: Change[] = [];

  /** The wrappers that it calls or passes on. */
  readonly dispatches: Set<Thing> = new Set();

  /** Whether it registers something with the library. */
  registers = false;

  /** Whether it calls code of other modules. */
  isForeign = false;

  /** Whether it has effects outside the module: console, timers, servers. */
  acts = false;

  /** Whether it takes something that cannot be had twice, such as a random number. */
  isUnique = false;

  /** Whether it stands for many calls that are not told apart; the things that it makes are vague then. */
  readonly isVague: boolean;

  constructor(unit: number, isVague: boolean = false) {
    this.unit = unit;
    this.isVague = isVague;
  }

  /** Notes that the region calls `next`. */
  run(next: Region, isGuess: boolean = false): void {
    if (!isGuess) this.guesses.delete(next);
    else if (!this.runs.has(next)) this.guesses.add(next);
    this.runs.add(next);
  }
}

/** The code that counts as running: only called code; passed code too; or also code that unknown callers may call. */
export type Extent = 'at once' | 'later too' | 'perhaps too';

/** All regions that run when one of `regions` does. */
export function reach(regions: Iterable<Region>, extent: Extent): Set<Region> {
  const found = new Set(regions);
  // A set is iterated in the order of insertion, and elements added during the loop are visited too.
  for (const region of found) {
    for (const next of region.runs) found.add(next);
    if (extent !== 'at once') for (const next of region.passesOn) found.add(next);
    if (extent === 'perhaps too') for (const next of region.mayRun) found.add(next);
  }
  return found;
}

/** The things that `thing` holds or was made from; none for a summary, since it is not known which member is meant. */
export function* holds(thing: Thing): Iterable<Thing> {
  if (thing instanceof Summary) return;
  for (const value of [thing.contents, thing.unnamed, thing.prototypes, thing.sources, ...thing.accessors.values()]) {
    if (value?.things) yield* value.things;
  }
}

/** All things that can be reached from `things`; those in `known` count as visited. */
export function held(things: Iterable<Thing>, known: Set<Thing> = new Set()): Set<Thing> {
  const found = new Set<Thing>();
  for (const thing of things) if (!known.has(thing)) found.add(thing);
  for (const thing of found) {
    known.add(thing);
    for (const next of holds(thing)) if (!known.has(next)) found.add(next);
  }
  return found;
}
