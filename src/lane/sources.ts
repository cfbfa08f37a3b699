/** The iterables among the arguments of a call: they stay on the main side, and give their items to the thread. @module */

import type { Transferable } from 'node:worker_threads';
import { packThrown } from '../codec/error-codec.ts';
import type { IterableTicket } from '../codec/iterables.ts';
import { Producer } from '../stream/producer.ts';
import { Field, ringMemory, stopped } from '../stream/ring.ts';
import type { StreamOffer } from '../stream/ring.ts';
import { Down } from './messages.ts';
import type { DownRecord } from './messages.ts';
import { postItem } from './post.ts';

/** How many items of an argument may be ahead of the thread that takes them. */
const maxSize = 64;

/** How what it is given is run: in the context of the call that lends. */
export type RunIn = (run: () => unknown) => unknown;

/** Where records for the thread go. */
export interface SourceLine {
  readonly callId: number;
  tell(record: DownRecord, transfer: readonly Transferable[]): void;
}

/** One iterable, from the moment it is lent. Nothing is asked of it before the thread asks. */
interface Source {
  readonly id: number;
  readonly iterable: object;
  readonly offer: StreamOffer;
  readonly header: Int32Array;
  producer: Producer | undefined;
  hasEnded: boolean;
}

/**
 * The iterables that one call lent to its thread.
 *
 * Invariant: after `close` each that was begun is closed, and no other is begun.
 */
export class Sources {
  readonly #sources = new Map<number, Source>();
  readonly #runIn: RunIn;
  #isClosed = false;

  constructor(runIn: RunIn) {
    this.#runIn = runIn;
  }

  /** What the thread is given for `iterable`. */
  exportIterable(iterable: object): IterableTicket {
    const id = this.#sources.size + 1;
    const memory = ringMemory(maxSize);
    const offer: StreamOffer = { memory, maxSize, overflow: 'block' };
    const header = new Int32Array(memory);
    this.#sources.set(id, { id, iterable, offer, header, producer: undefined, hasEnded: false });
    return { id, memory, maxSize };
  }

  /** Whether the thread waits for an item, or will as soon as it wants one. */
  get isAwaited(): boolean {
    return [...this.#sources.values()].some(({ producer, hasEnded }) => producer?.size === 0 && !hasEnded);
  }

  /** The thread wants items of the source `id`, or has closed it. `around` is run around all that the source does. */
  ask(id: number, line: SourceLine, around: RunIn): void {
    const source = this.#sources.get(id);
    if (!source || this.#isClosed) return;
    if (source.producer) source.producer.hear(undefined, undefined);
    else void this.#runIn(() => around(() => this.#give(source, line)));
  }

  /** Lets the thread see that its call was given up. */
  wake(): void {
    for (const { header } of this.#sources.values()) wakeBlocked(header);
  }

  /** The call is over. */
  close(): void {
    this.#isClosed = true;
    for (const { header, producer } of this.#sources.values()) {
      Atomics.store(header, Field.closed, stopped.byConsumer);
      producer?.hear(undefined, undefined);
    }
  }

  async #give(source: Source, { callId, tell }: SourceLine): Promise<void> {
    const { id, header } = source;
    const post = (number: number, item: unknown): void =>
      postItem(item, (values, holes, transfer, isBuffer) =>
        tell([Down.sourceItem, callId, id, values, holes, [number, isBuffer]], transfer),
      );
    const ring = (wasInLoop: boolean): void => {
      if (wasInLoop) tell([Down.sourceBell, callId, id, undefined, undefined, undefined], []);
      else Atomics.notify(header, Field.sleeps);
    };
    source.producer = new Producer(source.offer, { post, ring, pull: () => undefined });
    let thrown: unknown;
    try {
      await source.producer.driveInLoop(source.iterable);
    } catch (error) {
      thrown = packThrown(error);
    }
    source.hasEnded = true;
    if (this.#isClosed) return;
    tell([Down.sourceEnd, callId, id, thrown, undefined, undefined], []);
    wakeBlocked(header);
  }
}

function wakeBlocked(header: Int32Array): void {
  // One that waits in its loop is told by the message.
  if (Atomics.exchange(header, Field.sleeps, 0) !== 0) Atomics.notify(header, Field.sleeps);
}
