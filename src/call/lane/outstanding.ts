/** The outstanding calls of one thread: sent and not answered. @module */

import type { Call } from '../call.ts';
import { Pace } from '../../wire/cost.ts';

/** A call that has left the ring. */
interface Late {
  readonly call: Call;
  readonly pace: Pace;
}

/**
 * Calls by their ids, which are consecutive: a ring buffer, because a `Map` takes ten times as long for each call.
 *
 * Invariant: the ids of all calls in it are at least `#oldest`, and less than `#oldest` plus the length of the ring.
 */
export class Outstanding {
  // Fields, not accessors, because each call reads most of them. Only this class writes them.

  /** How many calls there are. */
  size = 0;

  /** How many of them are brief; and how many are quick, the brief ones included. */
  brief = 0;
  quick = 0;

  /** How many of them have results that are iterated over. */
  streams = 0;

  /** The id of the next call. */
  next: number;

  #ring: (Call | undefined)[] = places(16);

  /** The pace of each call in the ring. */
  #paces = new Uint8Array(16);
  #oldest: number;

  /** The calls that are out for so long that the ring would grow without bound. */
  readonly #late = new Map<number, Late>();

  /** `first` is the id of the first call. */
  constructor(first: number) {
    this.#oldest = first;
    this.next = first;
  }

  /** The oldest call. */
  get first(): Call | undefined {
    for (const { call } of this.#late.values()) return call;
    return this.size > 0 ? this.#ring[this.#oldest & (this.#ring.length - 1)] : undefined;
  }

  /** Whether all of them are brief. */
  get areBrief(): boolean {
    return this.brief === this.size;
  }

  /** Whether `call` is among them. */
  has(call: Call): boolean {
    return this.get(call.sentAs) === call;
  }

  /** All calls, oldest first. */
  all(): Call[] {
    const calls: Call[] = Array.from(this.#late.values(), ({ call }) => call);
    for (let id = this.#oldest; id !== this.next; id = (id + 1) | 0) calls.push(...this.#at(id));
    return calls;
  }

  get(id: number): Call | undefined {
    const call = this.#ring[id & (this.#ring.length - 1)];
    return call?.sentAs === id ? call : this.#late.get(id)?.call;
  }

  /** Adds `call`, which was sent with the id {@link next} and this `pace`. */
  add(call: Call, pace: Pace): void {
    const id = this.next;
    if (this.size === this.#late.size) this.#oldest = id;
    while (((id - this.#oldest) | 0) >= this.#ring.length) this.#makeRoom(id);
    const at = id & (this.#ring.length - 1);
    this.#ring[at] = call;
    this.#paces[at] = pace;
    this.next = (id + 1) | 0;
    this.size += 1;
    if (pace === Pace.brief) this.brief += 1;
    if (pace !== Pace.slow) this.quick += 1;
    if (call.stream) this.streams += 1;
  }

  /** Gives the id of a call that the thread may or may not take. */
  skip(): number {
    const id = this.next;
    this.next = (id + 1) | 0;
    return id;
  }

  /** Adds `call`, which the thread has taken, and which has an id that {@link skip} gave. */
  addTaken(call: Call): void {
    const id = call.sentAs;
    if (this.size === this.#late.size) this.#oldest = id;
    while (((id - this.#oldest) | 0) >= this.#ring.length) this.#makeRoom(id);
    this.size += 1;
    if (((id - this.#oldest) | 0) < 0) this.#late.set(id, { call, pace: Pace.slow });
    else {
      this.#ring[id & (this.#ring.length - 1)] = call;
      this.#paces[id & (this.#ring.length - 1)] = Pace.slow;
    }
  }

  /** Removes the call `id` and gives it, if it is plain, was sent as a brief one, and is in the ring. */
  takePlain(id: number): Call | undefined {
    const ring = this.#ring;
    const mask = ring.length - 1;
    const call = ring[id & mask];
    if (call?.sentAs !== id || !call.isPlain || this.#paces[id & mask] !== Pace.brief) return undefined;
    ring[id & mask] = undefined;
    this.size -= 1;
    this.brief -= 1;
    this.quick -= 1;
    while (this.#oldest !== this.next && ring[this.#oldest & mask] === undefined) this.#oldest = (this.#oldest + 1) | 0;
    return call;
  }

  delete(call: Call): void {
    const mask = this.#ring.length - 1;
    const at = call.sentAs & mask;
    let pace = this.#paces[at] as Pace;
    this.size -= 1;
    if (this.#ring[at] === call) {
      this.#ring[at] = undefined;
    } else {
      pace = this.#late.get(call.sentAs)?.pace ?? Pace.slow;
      this.#late.delete(call.sentAs);
    }
    if (pace === Pace.brief) this.brief -= 1;
    if (pace !== Pace.slow) this.quick -= 1;
    if (call.stream) this.streams -= 1;
    while (this.#oldest !== this.next && this.#ring[this.#oldest & mask] === undefined)
      this.#oldest = (this.#oldest + 1) | 0;
  }

  #inRing(): Call[] {
    return this.#ring.filter((call) => call !== undefined);
  }

  clear(): void {
    for (const call of this.all()) this.delete(call);
  }

  #at(id: number): Call[] {
    const call = this.get(id);
    return call ? [call] : [];
  }

  /** Makes the ring larger, unless it is mostly empty: then the oldest calls leave it, until there is a place for `id`. */
  #makeRoom(id: number): void {
    if ((this.size - this.#late.size) * 2 > this.#ring.length) return this.#grow();
    const mask = this.#ring.length - 1;
    do {
      const at = this.#oldest & mask;
      const call = this.#ring[at];
      if (call) {
        this.#late.set(call.sentAs, { call, pace: this.#paces[at] as Pace });
        this.#ring[at] = undefined;
      }
      this.#oldest = (this.#oldest + 1) | 0;
    } while (((id - this.#oldest) | 0) >= this.#ring.length);
  }

  #grow(): void {
    const [calls, paces, mask] = [this.#inRing(), this.#paces, this.#ring.length - 1];
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
