/** What a piece of code reads and changes. @module */

import { Crowd } from './value.ts';
import type { Cell, Thing, Value } from './value.ts';

/** A place in the module's text. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Something that is read, or changed: a property of what a value holds, or any of them. */
export interface Access {
  readonly of: Value;
  readonly key: string | undefined;
}

/** A change. */
export interface Change extends Access, Place {
  /** Whether what it holds may be changed too, as by a function of another module. */
  readonly deep: boolean;
}

/** Code that runs together: what a statement of the top level does when evaluated, one call of a function. */
export class Region {
  /** The number of the statement of the top level in which its code stands. */
  readonly unit: number;

  /** What it calls. */
  readonly runs: Set<Region> = new Set();

  /** What of that it may not call after all: a method by that name of what is not told apart. */
  readonly guesses: Set<Region> = new Set();

  /** What it may call, where too much may be meant to tell. */
  readonly mayRun: Set<Region> = new Set();

  /** What it hands on to somebody who may call it at any time. */
  readonly handsOn: Set<Region> = new Set();

  /** The variables of the code around it that it reads. */
  readonly gets: Set<Cell> = new Set();

  /** Those that it assigns, and where. */
  readonly sets: Map<Cell, Place> = new Map();

  /** Those that it assigns only as long as they have no value: `a ??= make()`. */
  readonly fills: Map<Cell, Place> = new Map();
  readonly reads: Access[] = [];

  /** Values that it uses up with all that they hold. */
  readonly wholes: Value[] = [];
  readonly changes: Change[] = [];

  /** The wrappers that it calls, or hands on. */
  readonly dispatches: Set<Thing> = new Set();

  /** Whether it registers something with the library. */
  registers = false;

  /** Whether it calls code of other modules. */
  isForeign = false;

  /** Whether it talks to the outside: console, timers, servers. */
  acts = false;

  /** Whether it takes what cannot be had twice, such as a random number. */
  isUnique = false;

  /** Whether it stands for calls that are not told apart: what it makes is vague. */
  readonly isVague: boolean;

  constructor(unit: number, isVague: boolean = false) {
    this.unit = unit;
    this.isVague = isVague;
  }

  /** Lets it call `next`. */
  run(next: Region, isGuess: boolean = false): void {
    if (!isGuess) this.guesses.delete(next);
    else if (!this.runs.has(next)) this.guesses.add(next);
    this.runs.add(next);
  }
}

/** What counts as running: what is called; what is handed on too; and also what may be called by who knows whom. */
export type Extent = 'at once' | 'later too' | 'perhaps too';

/** All regions that run when one of `regions` does. */
export function reach(regions: Iterable<Region>, extent: Extent): Set<Region> {
  const found = new Set(regions);
  // A set is iterated in the order of insertion, what is added on the way included.
  for (const region of found) {
    for (const next of region.runs) found.add(next);
    if (extent !== 'at once') for (const next of region.handsOn) found.add(next);
    if (extent === 'perhaps too') for (const next of region.mayRun) found.add(next);
  }
  return found;
}

/** What `thing` holds, and what it is made of; of a crowd, nobody can tell. */
export function* holds(thing: Thing): Iterable<Thing> {
  if (thing instanceof Crowd) return;
  for (const value of [thing.contents, thing.unnamed, thing.prototypes, thing.sources, ...thing.accessors.values()]) {
    if (value?.things) yield* value.things;
  }
}

/** All things that can be come by from `things`; those of `known` are taken to have been looked at. */
export function held(things: Iterable<Thing>, known: Set<Thing> = new Set()): Set<Thing> {
  const found = new Set<Thing>();
  for (const thing of things) if (!known.has(thing)) found.add(thing);
  for (const thing of found) {
    known.add(thing);
    for (const next of holds(thing)) if (!known.has(next)) found.add(next);
  }
  return found;
}
