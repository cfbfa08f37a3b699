/** One iterable among the arguments of a call: it stays on the main side, and gives its items to the thread. @module */

import type { Transferable } from 'node:worker_threads';
import { Promise } from '../base/intrinsics.ts';
import { after } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';
import { packThrown } from '../codec/error-codec.ts';
import type { IterableTicket } from '../codec/iterables.ts';
import { OffloopError } from '../base/errors.ts';
import { holdIterable } from '../channel/held.ts';
import type { Held } from '../channel/held.ts';
import type { Failure } from '../channel/held-way.ts';
import { Producer } from '../channel/producer.ts';
import { RingWord, ringMemory, stopped } from '../channel/ring.ts';
import type { StreamOffer } from '../channel/ring.ts';
import * as down from '../wire/down.ts';
import type { DownRecord } from '../wire/messages.ts';
import { postItem } from '../wire/post.ts';

/** How many items of an argument may be ahead of the thread that takes them. */
const maxSize = 64;

/** How long a thread that leaves its loop waits for the source to be closed, in milliseconds. */
const longestClosing = 5000;

/** How long at the most for a source that waits for an item itself, and cannot be told before, and how long a call. */
const briefClosing = 1000;

/** Where records for the thread go. */
export interface SourceLine {
  readonly callId: number;
  tell(record: DownRecord, transfer: readonly Transferable[]): void;
}

/**
 * An iterable, from the moment it is lent. Nothing is asked of it before the thread asks.
 *
 * Invariant: after `close` it is closed or being closed, and the thread is told nothing more.
 */
export class Source {
  readonly ticket: IterableTicket;
  readonly #held: Held;
  readonly #offer: StreamOffer;
  readonly #header: Int32Array;
  #producer: Producer | undefined;

  /** Settles once all was given, with what it has thrown. */
  #giving: Promise<Failure | undefined> | undefined;
  #failure: Failure | undefined;
  #hasEnded = false;

  /** Whether the thread was told that there is no more, or is not to be told. */
  #isTold = false;
  #limit: Later | undefined;

  /** `onFailure` is told if `iterable` fails by itself. */
  constructor(id: number, iterable: object, onFailure: (error: unknown) => void) {
    const memory = ringMemory(maxSize);
    this.ticket = { id, memory, maxSize };
    this.#offer = { memory, maxSize, overflow: 'block' };
    this.#header = new Int32Array(memory);
    this.#held = holdIterable(iterable, onFailure);
  }

  /** Whether the thread waits for an item, or will as soon as it wants one, or for the end. */
  get isAwaited(): boolean {
    if (!this.#producer || this.#hasEnded || this.#isTold) return false;
    return this.#isLeft || this.#producer.size === 0;
  }

  /** Whether the thread has asked. */
  get isBegun(): boolean {
    return this.#producer !== undefined;
  }

  /** The thread wants items, or has left its loop. */
  ask(line: SourceLine): void {
    if (this.#producer) this.#producer.hear(undefined, undefined);
    else this.#giving = this.#give(line);
    if (this.#isLeft && !this.#isTold) this.#limit ??= this.#boundClosing(line);
  }

  /** Lets a thread that blocks look again. */
  wake(): void {
    // A thread that waits in its loop is told by a message.
    if (Atomics.exchange(this.#header, RingWord.sleeps, 0) !== 0) Atomics.notify(this.#header, RingWord.sleeps);
  }

  /**
   * The call is over, which leaves every loop of it: resolves once the source is closed, with what is to be thrown for it
   * if the call has returned.
   */
  async close(): Promise<Failure | undefined> {
    this.#isTold = true;
    this.#limit?.cancel();
    const failure = this.#hasEnded ? this.#failure : await this.#closeNow();
    const isTold = Atomics.load(this.#header, RingWord.told) !== 0;
    return isTold ? undefined : (failure ?? this.#held.failure);
  }

  async #closeNow(): Promise<Failure | undefined> {
    if (!this.#producer) return unlessLong(outcome(this.#held.close()));
    // A loop that was left is waited for.
    const isAwaited = this.#isLeft || this.#isPrompt;
    Atomics.store(this.#header, RingWord.closed, stopped.byConsumer);
    this.#producer.hear(undefined, undefined);
    return isAwaited && this.#giving ? unlessLong(this.#giving) : undefined;
  }

  get #isLeft(): boolean {
    return Atomics.load(this.#header, RingWord.closed) === stopped.byConsumer;
  }

  /** Whether it is sure to hear at once that it is to end. */
  get #isPrompt(): boolean {
    return this.#producer?.isStepping !== true || this.#held.isPrompt;
  }

  async #give(line: SourceLine): Promise<Failure | undefined> {
    const { callId, tell } = line;
    const { id } = this.ticket;
    const post = (number: number, item: unknown): void =>
      postItem(item, (values, holes, transfer, isBuffer) =>
        tell(down.sourceItem(callId, id, values, holes, number, isBuffer), transfer),
      );
    const ring = (wasInLoop: boolean): void => {
      if (wasInLoop) tell(down.sourceBell(callId, id), []);
      else Atomics.notify(this.#header, RingWord.sleeps);
    };
    const pull = (): undefined => undefined;
    this.#producer = new Producer(this.#offer, { post, ring, pull, hearsAll: true, isGivenUp: () => false });
    this.#failure = await outcome(this.#producer.driveHeld(this.#held));
    this.#hasEnded = true;
    this.#tellEnd(line, this.#failure);
    return this.#failure;
  }

  #tellEnd({ callId, tell }: SourceLine, failure: Failure | undefined): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#limit?.cancel();
    const thrown = failure && packThrown(failure.error);
    tell(down.sourceEnd(callId, this.ticket.id, thrown), []);
    this.wake();
  }

  /** The thread waits until it is closed; not for ever. */
  #boundClosing(line: SourceLine): Later {
    return soon(briefClosing, () => {
      // A source that awaits an item of its own cannot be told: the thread does not wait for what comes of it.
      if (!this.#isPrompt) return this.#tellEnd(line, undefined);
      const text = `The source of a loop that was left did not end within ${longestClosing} ms`;
      const error = new OffloopError('ERR_OFFLOOP_TIMEOUT', text);
      this.#limit = soon(longestClosing - briefClosing, () => this.#tellEnd(line, { error }));
    });
  }
}

/** What `promise` is rejected with. */
async function outcome(promise: Promise<unknown>): Promise<Failure | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** As `closing`, or nothing where that takes long. */
async function unlessLong(closing: Promise<Failure | undefined>): Promise<Failure | undefined> {
  let limit: Later | undefined;
  const late = new Promise<undefined>((resolve) => (limit = soon(briefClosing, () => resolve(undefined))));
  const failure = await Promise.race([closing, late]);
  limit?.cancel();
  return failure;
}

/** Runs `action` after `delay` milliseconds. The process lives as long: somebody waits. */
function soon(delay: number, action: () => void): Later {
  const timer = after(delay, action);
  timer.hold();
  return timer;
}
