/** One thread of a pool, from its start to its end. @module */

import { after } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { Call, CallHolder } from '../../call/call.ts';
import { LaneWord } from '../../wire/control.ts';
import type { LaneOffer } from '../../wire/offer.ts';
import { Lane } from '../../call/lane/lane.ts';
import type { LaneListener } from '../../call/lane/lane-listener.ts';
import type { SharedCalls } from '../../call/lane/offered-calls.ts';
import type { Loss } from '../../call/lane/losses.ts';
import type { Predecessor } from '../../threads/life.ts';
import type { CallQueue } from '../queue.ts';
import { ReservedCalls } from './reserved-calls.ts';
import type { MakeCall } from './reserved-calls.ts';
import { ServingThread } from './serving-thread.ts';
import { endOf } from '../../wire/transport.ts';
import type { TicketBoard } from '../../wire/tickets.ts';
import { wireEnds } from '../../wire/wire.ts';
import type { ThreadEnd, ThreadEndReason } from '../../wire/thread-end.ts';
import { Latch } from '../../base/latch.ts';
import type { PiscinaThreads, Thread } from '../../threads/piscina-threads.ts';

/** Receives the events of a thread that concern its pool. */
export interface PoolThreadListener {
  /** Called when calls may have been answered. */
  onProgress(thread: PoolThread): void;

  /** Called when the running call waits for a callback. */
  onWait(thread: PoolThread): void;

  /** Called when a sent call was given up. */
  onGone(thread: PoolThread, call: Call, reason: unknown): void;

  /** Called with sent calls that have not started, which another thread has to run. */
  onLeft(calls: readonly Call[]): void;

  /** Called for a failure that belongs to no call. */
  onIncident(error: unknown): void;
}

/** The owner of a pool's threads: told when one leaves its place. */
export interface ThreadKeeper {
  /** The calls that all threads are offered. */
  readonly offers: SharedCalls & { boardFor(slot: Slot): TicketBoard | undefined };

  /** Called when a thread that was taking calls was terminated. */
  vacate(thread: PoolThread): void;

  /** Called when the thread has ended. */
  ended(thread: PoolThread, end: ThreadEnd): void;
}

/** A place of a pool: its thread, and the calls that wait for it. Threads are replaced; places stay. */
export interface Slot {
  /** The calls that wait for this very place, because of their `key`. */
  readonly keyed: CallQueue;

  /** The number of the place, from 1, which `threadNumber()` gives in its threads. */
  readonly number: number;

  /** Whether this is an extra place, beyond the pool's `size`, for calls that others wait for. */
  readonly isExtra: boolean;

  /** Whether this is the only regular place of the pool, so that no other thread could start a waiting call sooner. */
  readonly isOnly: boolean;
  thread: PoolThread | undefined;

  /** The replacement of `thread`, which takes over once it is ready and `thread` is free. */
  successor: PoolThread | undefined;

  /** The previous thread, until another one has taken over. */
  before: Predecessor | undefined;
}

/** Options of a {@link PoolThread}. */
export interface PoolThreadOptions {
  /** Whether the thread measures how much heap it uses. */
  readonly measuresHeap: boolean;

  /** How many calls the thread may start. */
  readonly maxCalls: number;
}

/**
 * A thread of a pool, and the lane to it.
 *
 * Invariant: `left` opens before `over` does, and both do for every thread.
 */
export class PoolThread extends ServingThread implements CallHolder, LaneListener {
  readonly lane: Lane;

  /** The place that the thread has, or will take over. */
  readonly slot: Slot;

  /** The `threadId` of `node:worker_threads`; `0` until the thread was started. */
  threadId = 0;

  /** The reason for which the thread will end, once its replacement is ready, or it is free. */
  dueFor: ThreadEndReason | undefined;

  /** The reason for which the thread was told to end. */
  endReason: ThreadEndReason | undefined;

  /** Opens when the thread was told to end, or has ended. */
  readonly left: Latch = new Latch();

  /** Opens when the thread has ended. */
  readonly over: Latch = new Latch();

  readonly #keeper: ThreadKeeper;
  readonly #listener: PoolThreadListener;
  readonly #far: LaneOffer;

  /** Runs `init` and `teardown`. */
  readonly #reserved: ReservedCalls;
  #thread: Thread | undefined;
  #hasThread = false;
  #retired: Promise<void> | undefined;

  constructor(
    slot: Slot,
    { measuresHeap, maxCalls }: PoolThreadOptions,
    keeper: ThreadKeeper,
    listener: PoolThreadListener,
  ) {
    super(maxCalls);
    this.slot = slot;
    this.#keeper = keeper;
    this.#listener = listener;
    const { near, far } = wireEnds();
    if (measuresHeap) far.control[LaneWord.heap] = 1;
    const tickets = keeper.offers.boardFor(slot);
    this.#far = { ...far, number: slot.number, tickets };
    this.lane = new Lane(endOf(near), this);
    if (tickets) this.lane.offered.shared = keeper.offers;
    this.#reserved = new ReservedCalls(this.lane);
  }

  /** The number of the thread's place, from 1. */
  get number(): number {
    return this.slot.number;
  }

  /** Whether the worker thread was started. */
  get hasThread(): boolean {
    return this.#hasThread;
  }

  /**
   * Starts the thread, and lets it run `init`.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if the thread could not be started.
   * @throws The error that `init` throws.
   */
  async open(threads: PiscinaThreads, init: MakeCall | undefined): Promise<void> {
    const { lane } = this;
    lane.hold();
    try {
      this.#thread = await threads.start(this.#far, (end) => this.#ended(end));
      this.#hasThread = true;
      this.threadId = this.#thread.threadId;
      lane.attach(this.#thread);
      if (this.isEnding) throw new Error('it is not needed any more');
      if (init) await this.#reserved.run(init());
      this.becomeReady();
    } catch (error) {
      if (!this.#thread) lane.close();
      this.terminate('error');
      throw error;
    } finally {
      lane.release();
    }
  }

  /**
   * Lets the thread run `teardown`, for `deadline` milliseconds at the most, and ends it. No call may be outstanding.
   */
  retire(teardown: MakeCall | undefined, deadline: number, reason: ThreadEndReason): Promise<void> {
    return (this.#retired ??= this.#retire(teardown, deadline, reason));
  }

  async #retire(teardown: MakeCall | undefined, deadline: number, reason: ThreadEndReason): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    this.endReason ??= reason;
    if (teardown && this.isReady) {
      const ran = this.#reserved.run(teardown()).catch((error: unknown) => this.#listener.onIncident(error));
      const late = new Latch();
      const timer = after(deadline, () => late.open());
      await Promise.race([ran, late.opened]);
      timer.cancel();
    }
    this.terminate(reason);
  }

  /** Terminates the thread. If it runs native code, it ends only when that returns. */
  terminate(reason: ThreadEndReason): void {
    const wasServing = this.isServing;
    this.isEnding = true;
    this.endReason ??= reason;
    this.left.open();
    this.#thread?.terminate();
    this.#thread = undefined;
    this.lane.recovery.reclaim();
    if (wasServing) this.#keeper.vacate(this);
  }

  gone(call: Call, reason: unknown): void {
    this.#listener.onGone(this, call, reason);
  }

  onProgress(): void {
    this.#listener.onProgress(this);
  }

  onWait(): void {
    this.#listener.onWait(this);
  }

  /**
   * Called when modules of the thread may be half loaded, or a message was lost: the thread ends as soon as it is free.
   */
  onSpoilt(): void {
    this.isStale = true;
    this.dueFor = 'unreadable';
    // It takes none of the calls that are offered to it.
    if (this.#keeper.offers.count > 0) this.#listener.onLeft(this.takeBack());
  }

  onLoss({ left, end }: Loss): void {
    if (end === 'now') this.terminate('unreadable');
    else if (end === 'later') this.onSpoilt();
    this.#listener.onLeft(this.#reserved.sendAgain(left, { isEnded: end === 'now' }));
  }

  /** Takes back the calls that the thread has not started, except that of `init` or `teardown`. */
  takeBack(): Call[] {
    return this.#reserved.isRunning ? [] : this.lane.recovery.takeBack();
  }

  /** Settles the calls that were outstanding when the thread ended; gives back those that it had not started. */
  finish(end: ThreadEnd): Call[] {
    const left = this.lane.recovery.end(end);
    this.#reserved.end(end);
    return left.filter(({ settled }) => !settled);
  }

  #ended(end: ThreadEnd): void {
    this.left.open();
    this.#keeper.ended(this, end);
  }
}
