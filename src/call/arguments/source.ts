/** One iterable argument of a call: it stays on the main side, and its items are sent to the thread. @module */

import type { Transferable } from 'node:worker_threads';
import { Promise, waitAsync } from '../../base/intrinsics.ts';
import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { packThrown } from '../../codec/errors/codec.ts';
import { movedOn } from '../../codec/live/iterables.ts';
import type { IterableTicket, TellMoved } from '../../codec/live/iterables.ts';
import { OffloopError } from '../../base/errors.ts';
import { holdIterable } from '../../channel/adapters/held.ts';
import type { HeldIterable } from '../../channel/adapters/held.ts';
import type { Failure } from '../../channel/adapters/adapter.ts';
import { Producer } from '../../channel/producer.ts';
import { RingWord, ringMemory, stopped } from '../../channel/ring/ring.ts';
import type { StreamOffer } from '../../channel/ring/ring.ts';
import * as down from '../../wire/down.ts';
import type { DownRecord } from '../../wire/messages.ts';
import { postItem } from '../../wire/post.ts';

/** How many items of an iterable argument may wait for the thread to take them. */
const maxSize = 64;

/** How long a thread that leaves its loop waits for the source to be closed, in milliseconds. */
const longestClosing = 5000;

/** The same, for a source with a pending `next()` that cannot be interrupted; and how long a finished call waits. */
const briefClosing = 1000;

/** The lane to the thread. */
export interface SourceLine {
  readonly callId: number;
  tell(record: DownRecord, transfer: readonly Transferable[]): void;
}

/**
 * An iterable, from the moment the call is made. It is not iterated over before the thread asks for items.
 *
 * Invariant: after `close` the iterable is closed or being closed, and nothing more is sent to the thread.
 */
export class Source {
  readonly ticket: IterableTicket;
  readonly #held: HeldIterable;
  readonly #offer: StreamOffer;
  readonly #header: Int32Array;
  #producer: Producer | undefined;

  /** Resolves once the iterable has ended, with its error if it threw one. */
  #giving: Promise<Failure | undefined> | undefined;
  #failure: Failure | undefined;
  #hasEnded = false;

  /** Whether the thread was told of the end, or need not be told. */
  #isTold = false;
  #limit: Later | undefined;

  /** Told how many items the thread has done with, and how many it was told of. */
  readonly #tellMoved: TellMoved | undefined;
  #moved = 0;
  #isClosed = false;

  /** Calls `onFailure` if `iterable` fails by itself. */
  constructor(id: number, iterable: object, onFailure: (error: unknown) => void) {
    const memory = ringMemory(maxSize);
    this.#tellMoved = (iterable as Partial<Record<typeof movedOn, TellMoved>>)[movedOn]?.bind(iterable);
    // It knows from now on that somebody asks ahead.
    this.#tellMoved?.(0);
    this.ticket = this.#tellMoved ? { id, memory, maxSize, isWatched: true } : { id, memory, maxSize };
    this.#offer = { memory, maxSize, overflow: 'block' };
    this.#header = new Int32Array(memory);
    this.#held = holdIterable(iterable, onFailure);
  }

  /** Whether the thread waits for the end, or would have to wait for its next item. */
  get isAwaited(): boolean {
    if (!this.#producer || this.#hasEnded || this.#isTold) return false;
    return this.#isLeft || this.#producer.size === 0;
  }

  /** Whether the thread has asked for items. */
  get isBegun(): boolean {
    return this.#producer !== undefined;
  }

  /** Called when the thread asks for items, or has left its loop. */
  ask(line: SourceLine): void {
    if (this.#producer) this.#producer.hear(undefined, undefined);
    else this.#begin(line);
    if (this.#isLeft && !this.#isTold) this.#limit ??= this.#boundClosing(line);
  }

  /** Wakes a thread that blocks for an item, to look again. */
  wake(): void {
    // Only a blocked thread is woken: one that waits in its event loop gets a message.
    if (Atomics.exchange(this.#header, RingWord.sleeps, 0) !== 0) Atomics.notify(this.#header, RingWord.sleeps);
  }

  /**
   * Called when the call is over, which ends every loop over the iterable. Resolves once the iterable is closed, with
   * the error to reject the call with if it returned.
   */
  async close(): Promise<Failure | undefined> {
    // At once: whoever hears that the call has failed is to know what its thread had done with before.
    this.#lookMoved();
    try {
      return await this.#close();
    } finally {
      this.#isClosed = true;
      this.#lookMoved();
      // Nobody waits for the next one.
      Atomics.notify(this.#header, RingWord.moved);
    }
  }

  #begin(line: SourceLine): void {
    this.#giving = this.#give(line);
    if (this.#tellMoved) void this.#watchMoved();
  }

  /** Tells of the items that the thread has done with, as it does so. */
  async #watchMoved(): Promise<void> {
    while (!this.#isClosed) {
      this.#lookMoved();
      await waitAsync(this.#header, RingWord.moved, this.#moved).value;
    }
  }

  #lookMoved(): void {
    const moved = Atomics.load(this.#header, RingWord.moved);
    if (moved === this.#moved) return;
    this.#moved = moved;
    this.#tellMoved?.(moved);
  }

  async #close(): Promise<Failure | undefined> {
    this.#isTold = true;
    this.#limit?.cancel();
    const failure = this.#hasEnded ? this.#failure : await this.#closeNow();
    const isTold = Atomics.load(this.#header, RingWord.told) !== 0;
    return isTold ? undefined : (failure ?? this.#held.failure);
  }

  async #closeNow(): Promise<Failure | undefined> {
    if (!this.#producer) return unlessLong(outcome(this.#held.close()));
    // Wait for the end of the source only if the thread has left its loop, or if the close takes effect at once.
    const isAwaited = this.#isLeft || this.#isPrompt;
    Atomics.store(this.#header, RingWord.closed, stopped.byConsumer);
    this.#producer.hear(undefined, undefined);
    return isAwaited && this.#giving ? unlessLong(this.#giving) : undefined;
  }

  get #isLeft(): boolean {
    return Atomics.load(this.#header, RingWord.closed) === stopped.byConsumer;
  }

  /** Whether a close takes effect at once, and does not have to wait for a pending `next()`. */
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

  /** Limits how long the thread waits for the close. */
  #boundClosing(line: SourceLine): Later {
    return soon(briefClosing, () => {
      // A pending `next()` that cannot be interrupted may take for ever: let the thread go on without the close.
      if (!this.#isPrompt) return this.#tellEnd(line, undefined);
      const text = `The source of a loop that was left did not end within ${longestClosing} ms`;
      const error = new OffloopError('ERR_OFFLOOP_TIMEOUT', text);
      this.#limit = soon(longestClosing - briefClosing, () => this.#tellEnd(line, { error }));
    });
  }
}

/** The rejection of `promise`, if it rejects. */
async function outcome(promise: Promise<unknown>): Promise<Failure | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** As `closing`, but resolves with `undefined` if that takes long. */
async function unlessLong(closing: Promise<Failure | undefined>): Promise<Failure | undefined> {
  let limit: Later | undefined;
  const late = new Promise<undefined>((resolve) => (limit = soon(briefClosing, () => resolve(undefined))));
  const failure = await Promise.race([closing, late]);
  limit?.cancel();
  return failure;
}

/** Runs `action` after `delay` milliseconds, and keeps the process alive until then, because somebody waits. */
function soon(delay: number, action: () => void): Later {
  const timer = after(delay, action);
  timer.hold();
  return timer;
}
