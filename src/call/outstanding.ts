/** The calls that one thread has been sent and has not answered. @module */

import type { Call } from './call.ts';
import { Pace } from '../wire/cost.ts';

/**
 * Calls by their ids, which follow each other: a ring, since a map takes ten times as long for each.
 *
 * Invariant: all that are there have ids from `#oldest` on, fewer than the ring has places.
 */
export class Outstanding {
  #ring: (Call | undefined)[] = places(16);

  /** How each was sent. */
  #paces = new Uint8Array(16);
  #oldest: number;
  #next: number;
  #size = 0;
  #brief = 0;
  #quick = 0;
  #streams = 0;

  /** `first` is the id of the first call. */
  constructor(first: number) {
    this.#oldest = first;
    this.#next = first;
  }

  get size(): number {
    return this.#size;
  }

  /** How many are brief, and how many are quick, brief ones among them. */
  get brief(): number {
    return this.#brief;
  }

  get quick(): number {
    return this.#quick;
  }

  /** How many give items. */
  get streams(): number {
    return this.#streams;
  }

  /** The id of the next call. */
  get next(): number {
    return this.#next;
  }

  /** The one that has been there for longest. */
  get first(): Call | undefined {
    return this.#size > 0 ? this.#ring[this.#oldest & (this.#ring.length - 1)] : undefined;
  }

  /** All, oldest first. */
  all(): Call[] {
    const calls: Call[] = [];
    for (let id = this.#oldest; id !== this.#next; id = (id + 1) | 0) calls.push(...this.#at(id));
    return calls;
  }

  get(id: number): Call | undefined {
    const call = this.#ring[id & (this.#ring.length - 1)];
    return call?.sentAs === id ? call : undefined;
  }

  /** Adds `call`, which has the id {@link next} by now and was sent in this way. */
  add(call: Call, pace: Pace): void {
    const id = this.#next;
    if (this.#size === 0) this.#oldest = id;
    if (((id - this.#oldest) | 0) >= this.#ring.length) this.#grow();
    const at = id & (this.#ring.length - 1);
    this.#ring[at] = call;
    this.#paces[at] = pace;
    this.#next = (id + 1) | 0;
    this.#size += 1;
    this.#count(call, pace, 1);
  }

  delete(call: Call): void {
    const mask = this.#ring.length - 1;
    const at = call.sentAs & mask;
    this.#ring[at] = undefined;
    this.#size -= 1;
    this.#count(call, this.#paces[at] as Pace, -1);
    while (this.#oldest !== this.#next && this.#ring[this.#oldest & mask] === undefined)
      this.#oldest = (this.#oldest + 1) | 0;
  }

  clear(): void {
    for (const call of this.all()) this.delete(call);
  }

  #at(id: number): Call[] {
    const call = this.get(id);
    return call ? [call] : [];
  }

  #count(call: Call, pace: Pace, by: number): void {
    if (pace === Pace.brief) this.#brief += by;
    if (pace !== Pace.slow) this.#quick += by;
    if (call.stream) this.#streams += by;
  }

  #grow(): void {
    const [calls, paces, mask] = [this.all(), this.#paces, this.#ring.length - 1];
    this.#ring = places(this.#ring.length * 2);
    this.#paces = new Uint8Array(this.#ring.length);
    for (const call of calls) {
      const at = call.sentAs & (this.#ring.length - 1);
      this.#ring[at] = call;
      this.#paces[at] = paces[call.sentAs & mask] as Pace;
    }
  }
}

const places = (count: number): undefined[] => Array.from({ length: count }, () => undefined);
