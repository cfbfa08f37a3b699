/** Functions that were passed to the calls of one object, whose thread may keep them longer than the call. @module */

import { takeHere } from '../../context/here.ts';
import type { RunThere } from '../../context/here.ts';

/** A function on the side where it lives. */
export interface KeptFunction {
  readonly fn: Function;

  /** The context of the call that it was passed to last. */
  readonly there: RunThere;
}

interface Entry {
  readonly fn: Function;
  there: RunThere;

  /** How often the function was sent; the thread says how often it has received it when it drops it. */
  count: number;
}

/**
 * The functions by their ids.
 *
 * Invariant: a function is in it while the thread may call it: until the thread has dropped as many as it was sent.
 */
export class KeptFunctions {
  readonly #entries = new Map<number, Entry>();
  readonly #ids = new Map<Function, number>();
  #last = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** The id under which the thread calls `fn`; the same for each time that `fn` is sent while the thread keeps it. */
  exportFunction(fn: Function): number {
    const known = this.#ids.get(fn);
    const entry = known === undefined ? undefined : this.#entries.get(known);
    if (known !== undefined && entry) {
      entry.count += 1;
      entry.there = takeHere();
      return known;
    }
    const id = (this.#last += 1);
    this.#entries.set(id, { fn, there: takeHere(), count: 1 });
    this.#ids.set(fn, id);
    return id;
  }

  get(id: number): KeptFunction | undefined {
    return this.#entries.get(id);
  }

  /** Called when the thread has dropped the function `id`, which it had received `times` times. */
  drop(id: number, times: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.count -= times;
    if (entry.count > 0) return;
    this.#entries.delete(id);
    this.#ids.delete(entry.fn);
  }

  /** Called when the object is gone. */
  clear(): void {
    this.#entries.clear();
    this.#ids.clear();
  }
}
