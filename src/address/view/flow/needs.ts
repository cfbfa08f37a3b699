/** What code needs: the variables and the properties that it reads. @module */

import { held } from './region.ts';
import type { Region } from './region.ts';
import type { Cell, Thing } from './value.ts';

/** Variables, and properties of things, that code reads. */
export class Needs {
  readonly cells: Set<Cell> = new Set();

  /** Variables that it gives a value itself if they have none. */
  readonly fills: Set<Cell> = new Set();

  /** By thing: the properties; `undefined` for all of them. */
  readonly things: Map<Thing, Set<string> | undefined> = new Map();
  readonly #regions: Set<Region> = new Set();

  /** Things that are read with all that they hold. */
  readonly #wholes: Set<Thing> = new Set();

  /** Adds what `regions` read. */
  add(regions: Iterable<Region>): void {
    for (const region of regions) {
      if (this.#regions.has(region)) continue;
      this.#regions.add(region);
      for (const cell of region.gets) this.cells.add(cell);
      for (const cell of region.fills.keys()) this.fills.add(cell);
      for (const { of, key } of region.reads) for (const thing of of.things ?? []) this.#read(thing, key, new Set());
      for (const { things } of region.wholes) if (things) this.#readAll(things);
    }
  }

  /** Whether a change of `key` of `thing` changes what is read. */
  includes(thing: Thing, key: string | undefined): boolean {
    if (!this.things.has(thing)) return false;
    const keys = this.things.get(thing);
    return keys === undefined || key === undefined || keys.has(key);
  }

  #readAll(things: Iterable<Thing>): void {
    for (const thing of held(things, this.#wholes)) this.things.set(thing.crowd ?? thing, undefined);
  }

  /** What is not there is looked for in what a thing inherits from. */
  #read(one: Thing, key: string | undefined, seen: Set<Thing>): void {
    const thing = one.crowd ?? one;
    if (seen.has(thing)) return;
    seen.add(thing);
    // What is made of something else may be that, or a part of it.
    if (thing.sources?.things) this.#readAll([thing]);
    if (!this.things.has(thing)) this.things.set(thing, key === undefined ? undefined : new Set([key]));
    else if (key === undefined) this.things.set(thing, undefined);
    else this.things.get(thing)?.add(key);
    for (const prototype of thing.prototypes.things ?? []) this.#read(prototype, key, seen);
  }
}
