/** A connection within a thread. @module */

import { setImmediate } from '../../../base/clock.ts';
import { ChunkMemory } from './chunk-memory.ts';
import type { Duplex, DuplexListener } from './duplex.ts';

/** Two connected ends. Nothing is copied. `memory` is for what the second one posts. */
export function localPair<A, B>(memory: ChunkMemory = new ChunkMemory()): [Duplex<A, B>, Duplex<B, A>] {
  const one = new LocalEnd<A, B>(new ChunkMemory(), memory.headroom);
  const other = new LocalEnd<B, A>(memory, 0);
  one.connect(other);
  other.connect(one);
  return [one, other];
}

/** Stands for the end of what the other end has posted. */
const over: unique symbol = Symbol('over');

class LocalEnd<Out, In> implements Duplex<Out, In> {
  #other: LocalEnd<In, Out> | undefined;
  #listener: DuplexListener<In> | undefined;
  #arrived: (In | typeof over)[] = [];
  #isDue = false;
  #isClosed = false;
  readonly memory: ChunkMemory;
  readonly headroom: number;

  constructor(memory: ChunkMemory, headroom: number) {
    this.memory = memory;
    this.headroom = headroom;
  }

  connect(other: LocalEnd<In, Out>): void {
    this.#other = other;
  }

  post(message: Out): void {
    if (!this.#isClosed) this.#other?.arrive(message);
  }

  listen(listener: DuplexListener<In>): void {
    this.#listener = listener;
    this.#schedule();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#arrived = [];
    this.#other?.arrive(over);
  }

  arrive(message: In | typeof over): void {
    if (this.#isClosed) return;
    this.#arrived.push(message);
    this.#schedule();
  }

  /** In a turn of the event loop: microtasks alone would starve timers and sockets while a stream is read. */
  #schedule(): void {
    if (this.#isDue || !this.#listener || this.#arrived.length === 0) return;
    this.#isDue = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#isDue = false;
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const message of arrived) {
      if (this.#isClosed) return;
      if (message !== over) {
        this.#listener?.receive(message);
        continue;
      }
      this.#isClosed = true;
      this.#listener?.lost(undefined);
    }
  }
}
