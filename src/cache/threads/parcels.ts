/** Memory in which a thread hands writes to the main side without a copy. @module */

import { putWrite, sizeOf } from './writes.ts';
import type { Write } from './writes.ts';

/** The first word says whether the memory has writes that were not made yet. */
const stateAt = 0;
const State = { free: 0, used: 1 } as const;
const headSize = 8;

/** How many bytes a parcel takes, unless one write alone takes more; and how many parcels a store of a thread keeps. */
const parcelSize = 64 * 1024;
const mostKept = 4;

/** One piece of shared memory with writes. */
export class Parcel {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #words: Int32Array;
  #at = headSize;

  constructor(size: number) {
    const memory = new SharedArrayBuffer(headSize + size);
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#words = new Int32Array(memory, 0, 1);
  }

  /** Whether nobody uses it; if so, it is used from now on, until {@link giveBack} was called on the other side. */
  tryUse(): boolean {
    return Atomics.compareExchange(this.#words, stateAt, State.free, State.used) === State.free;
  }

  hasRoomFor(write: Write): boolean {
    return this.#at + sizeOf(write) <= this.#bytes.length;
  }

  add(write: Write): void {
    putWrite(this.#bytes, this.#view, this.#at, write);
    this.#at += sizeOf(write);
  }

  /** Gives the writes to send, and is empty. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(headSize, this.#at);
    this.#at = headSize;
    return bytes;
  }
}

/** The parcels of one store in a thread. */
export class Parcels {
  readonly #kept: Parcel[] = [];

  /** A parcel with room for `write`, which is empty and which nobody else uses. */
  take(write: Write): Parcel {
    const size = sizeOf(write);
    if (size > parcelSize) return new Parcel(size);
    const free = this.#kept.find((it) => it.tryUse());
    if (free) return free;
    const parcel = new Parcel(parcelSize);
    parcel.tryUse();
    // One that could not be sent is never free again.
    if (this.#kept.length === mostKept) this.#kept.shift();
    this.#kept.push(parcel);
    return parcel;
  }
}

/** Called when nobody reads the writes any more that {@link Parcel.take} gave. */
export function giveBack(bytes: Uint8Array): void {
  Atomics.store(new Int32Array(bytes.buffer, 0, 1), stateAt, State.free);
}
