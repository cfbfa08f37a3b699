/** The needs of code: the variables and properties that it reads. @module */

import { held } from './region.ts';
import type { Region } from './region.ts';
import { Summary } from './value.ts';
import type { Variable, Thing } from './value.ts';

/** Variables, and properties of things, that code reads. */
export class Needs {
  readonly variables: Set<Variable> = new Set();

  /** Variables that the code itself assigns if they have no value. */
  readonly fills: Set<Variable> = new Set();

  /** For each thing the properties that are read; `undefined` for all of them. */
  readonly things: Keys = new Map();

  /** The same, for the summaries of these things. */
  readonly #summaries: Keys = new Map();
  readonly #regions: Set<Region> = new Set();

  /** Things that are read with all that they hold. */
  readonly #wholes: Set<Thing> = new Set();

  /** Adds what `regions` read. */
  add(regions: Iterable<Region>): void {
    for (const region of regions) {
      if (this.#regions.has(region)) continue;
      this.#regions.add(region);
      for (const variable of region.gets) this.variables.add(variable);
      for (const variable of region.fills.keys()) this.fills.add(variable);
      for (const { of, key } of region.reads) for (const thing of of.things ?? []) this.#read(thing, key, new Set());
      for (const { things } of region.wholes) if (things) this.#readAll(things);
    }
  }

  /** Whether a change of the property `key` of `thing` changes what is read. */
  includes(thing: Thing, key: string | undefined): boolean {
    return includes(this.things, thing, key);
  }

  /** Whether such a change may change what is read, because `thing` is not told apart from something that is read. */
  mayInclude(thing: Thing, key: string | undefined): boolean {
    if (thing instanceof Summary) return includes(this.#summaries, thing, key);
    return thing.summary !== undefined && includes(this.things, thing.summary, key);
  }

  #readAll(things: Iterable<Thing>): void {
    for (const thing of held(things, this.#wholes)) this.#add(thing, undefined);
  }

  /** Adds a property; since it may be inherited, that of the prototypes too. */
  #read(thing: Thing, key: string | undefined, seen: Set<Thing>): void {
    if (seen.has(thing)) return;
    seen.add(thing);
    // A thing that outside code made may be, or contain, one of its sources.
    if (thing.sources?.things) this.#readAll([thing]);
    this.#add(thing, key);
    for (const prototype of thing.prototypes.things ?? []) this.#read(prototype, key, seen);
  }

  #add(thing: Thing, key: string | undefined): void {
    add(this.things, thing, key);
    const summary = thing instanceof Summary ? thing : thing.summary;
    if (summary) add(this.#summaries, summary, key);
  }
}

type Keys = Map<Thing, Set<string> | undefined>;

function includes(things: Keys, thing: Thing, key: string | undefined): boolean {
  if (!things.has(thing)) return false;
  const keys = things.get(thing);
  return keys === undefined || key === undefined || keys.has(key);
}

function add(things: Keys, thing: Thing, key: string | undefined): void {
  if (key === undefined || !things.has(thing)) things.set(thing, key === undefined ? undefined : new Set([key]));
  else things.get(thing)?.add(key);
}
