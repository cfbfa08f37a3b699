/** Two ends of a transport in one process, whose messages arrive when the test says so. @module */

import type { Transferable } from 'node:worker_threads';
import type { LaneEnd, Transport, TransportListener } from '../../src/wire/transport.ts';

/** One end of the pair, with controls for tests. */
export class PairedEnd implements Transport {
  /** The messages that were posted and have not arrived, oldest first. */
  readonly underWay: unknown[][] = [];

  /** Whether the process is to live on for it. */
  isHeld = true;
  isClosed = false;
  other!: PairedEnd;
  #arrived: unknown[][] = [];
  #listener: TransportListener | undefined;

  post(message: unknown[], transfer: readonly Transferable[]): void {
    const copy = structuredClone(message, { transfer: [...transfer] });
    if (!this.isClosed && !this.other.isClosed) this.underWay.push(copy);
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  take({ receive }: TransportListener): boolean {
    const messages = this.#arrived.splice(0);
    for (const message of messages) receive(message);
    return messages.length > 0;
  }

  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
  }

  close(): void {
    this.isClosed = true;
  }

  /** Lets `count` of the messages that are under way arrive; those who listen are told in this turn. */
  deliver(count: number = Infinity): number {
    const messages = this.underWay.splice(0, count);
    this.other.arrive(messages);
    return messages.length;
  }

  /** Loses what is under way, and all that comes. */
  cut(): void {
    this.underWay.length = 0;
    this.isClosed = true;
  }

  /** Lets `messages` arrive here. */
  arrive(messages: readonly unknown[][]): void {
    this.#arrived.push(...messages);
    if (this.#listener) this.take(this.#listener);
  }
}

/** Both ends of a lane: main's, and that of the thread. */
export interface LanePair {
  readonly near: LaneEnd & { readonly transport: PairedEnd };
  readonly far: LaneEnd & { readonly transport: PairedEnd };

  /** Lets all messages arrive, and those that they lead to, until both sides are silent. */
  settle(): Promise<void>;
}

/** A pair with the memory `control`. */
export function pairedEnds(control: Int32Array): LanePair {
  const [near, far] = [new PairedEnd(), new PairedEnd()];
  near.other = far;
  far.other = near;
  return {
    near: { transport: near, control },
    far: { transport: far, control },
    async settle() {
      for (let isSilent = false; !isSilent;) {
        isSilent = near.deliver() + far.deliver() === 0;
        // Promises, and what waits for the loop to turn.
        for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
        isSilent &&= near.underWay.length + far.underWay.length === 0;
      }
    },
  };
}
