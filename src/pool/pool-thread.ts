/** One thread of a pool, from its start to its end. @module */

import { after, now } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import type { Call, CallHolder } from '../call/call.ts';
import { exitError } from '../wire/exit-error.ts';
import { LaneWord } from '../wire/control.ts';
import type { LaneOffer } from '../wire/offer.ts';
import { Lane } from '../call/lane.ts';
import type { LaneListener } from '../call/lane.ts';
import type { Loss } from '../call/losses.ts';
import type { Predecessor } from '../threads/life.ts';
import type { CallQueue } from './queue.ts';
import { endOf } from '../wire/transport.ts';
import { wireEnds } from '../wire/wire.ts';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import { Latch } from '../base/latch.ts';
import type { PiscinaThreads, Thread } from '../threads/piscina-threads.ts';

/** Told of what concerns the pool whose thread it is. */
export interface PoolThreadListener {
  /** Calls may have been answered. */
  onProgress(thread: PoolThread): void;

  /** The running call waits for a callback. */
  onWait(thread: PoolThread): void;

  /** A call that was sent was given up. */
  onGone(thread: PoolThread, call: Call, reason: unknown): void;

  /** Calls that were sent and have not started are to be run by another thread. */
  onLeft(calls: readonly Call[]): void;

  /** Something failed that no call is told of. */
  onIncident(error: unknown): void;
}

/** Whoever holds the threads of a pool: told first that one leaves its place. */
export interface ThreadKeeper {
  /** The thread, which took calls, was told to end in the midst of them. */
  vacate(thread: PoolThread): void;

  /** The thread has ended. */
  ended(thread: PoolThread, end: ThreadEnd): void;
}

/** One place: the thread that stands there, or will, and what waits for it. */
export interface Slot {
  /** The calls that wait for this very place. */
  readonly keyed: CallQueue;

  /** Which one it is, from 1: what its threads are told. */
  readonly number: number;

  /** Whether it stands beside the pool's own places, for calls that others wait for. */
  readonly isExtra: boolean;

  /** Whether it is the only one of the pool's own: what waits starts there and nowhere else. */
  readonly isOnly: boolean;
  thread: PoolThread | undefined;

  /** The one that takes over once it is ready and `thread` is free. */
  successor: PoolThread | undefined;

  /** The thread that stood there before, until another one does. */
  before: Predecessor | undefined;
}

/** How a thread is made. */
export interface PoolThreadOptions {
  /** Whether the thread is to say how much of its heap it uses. */
  readonly measuresHeap: boolean;

  /** How many calls it may start. */
  readonly maxCalls: number;
}

/** What a thread is doing, and what it has done. */
export interface ThreadStats {
  /** What `threadNumber()` gives there. */
  readonly number: number;

  /** As `worker_threads` has it. */
  readonly threadId: number;

  /** Calls that it has answered since it was ready; `init` is none. */
  readonly calls: number;

  /** Whether it runs a call, that waits for a callback or for its consumer, or that is one of an iterator. */
  readonly busy: boolean;
  readonly blocked: boolean;
  readonly iterating: boolean;

  /** How many milliseconds the functions of those calls ran. */
  readonly runTime: number;

  /** How many milliseconds ago it became ready. */
  readonly age: number;
}

/** Makes a call that is run by one thread; its promise never rejects unheard. */
export type MakeCall = () => Call;

/**
 * A lane and the thread behind it.
 *
 * Invariant: from `isEnding` on, and while it `isSpent`, no call is sent.
 */
export class PoolThread implements CallHolder, LaneListener {
  readonly lane: Lane;

  /** Where it stands, or is to stand. */
  readonly slot: Slot;

  /** The id of its thread, from when there is one. */
  threadId = 0;

  /** Whether it takes calls: its thread has started and is set up. */
  isReady = false;

  /** The thread has been told to end. */
  isEnding = false;

  /** What the thread has loaded is stale: it ends as soon as it is free. */
  isStale = false;

  /** Why it will end, once another one is ready, or it is free. */
  dueFor: ThreadEndReason | undefined;

  /** Why it was told to end. */
  endReason: ThreadEndReason | undefined;

  /** Opens when it was told to end, or has ended. */
  readonly left: Latch = new Latch();

  /** Opens when it has ended. */
  readonly over: Latch = new Latch();

  /** When it became ready. */
  readySince = 0;

  readonly #keeper: ThreadKeeper;
  readonly #listener: PoolThreadListener;
  readonly #maxCalls: number;
  readonly #far: LaneOffer;
  #thread: Thread | undefined;
  #hasThread = false;
  #hasEnded = false;

  /** How many calls `init` was, and how many milliseconds it ran. */
  #prepared = 0;
  #preparedIn = 0;

  /** What it runs before its first call, or after its last one. */
  #own: Call | undefined;
  #retired: Promise<void> | undefined;

  constructor(
    slot: Slot,
    { measuresHeap, maxCalls }: PoolThreadOptions,
    keeper: ThreadKeeper,
    listener: PoolThreadListener,
  ) {
    this.slot = slot;
    this.#keeper = keeper;
    this.#listener = listener;
    this.#maxCalls = maxCalls;
    const { near, far } = wireEnds();
    if (measuresHeap) far.control[LaneWord.heap] = 1;
    this.#far = { ...far, number: slot.number };
    this.lane = new Lane(endOf(near), this);
  }

  /** Which of the threads of its pool it is, from 1. */
  get number(): number {
    return this.slot.number;
  }

  /** Whether it has been sent as many calls as it may start; those that it makes itself do not count. */
  get isSpent(): boolean {
    return this.#maxCalls !== Infinity && this.lane.answers.count + this.lane.load - this.#prepared >= this.#maxCalls;
  }

  /** What it is doing, and what it has done. */
  get stats(): ThreadStats {
    const { lane } = this;
    return {
      number: this.number,
      threadId: this.threadId,
      calls: lane.answers.count - this.#prepared,
      busy: this.isBusy,
      blocked: this.isBlocked,
      iterating: lane.isStreaming,
      runTime: lane.answers.ran - this.#preparedIn,
      age: now() - this.readySince,
    };
  }

  /** Whether it has a thread, told to end or not. */
  get hasThread(): boolean {
    return this.#hasThread;
  }

  /** Whether it takes calls. */
  get isServing(): boolean {
    return this.isReady && !this.isEnding;
  }

  /** Whether a call can be sent at once. */
  get isFree(): boolean {
    return this.isServing && this.lane.load === 0 && !this.lane.loads.isLoading && !this.isSpent;
  }

  /** Whether a call runs in its thread, and the thread will have time for another one only after it. */
  get isBusy(): boolean {
    return this.isServing && this.lane.load > 0;
  }

  /** Whether its running call waits for what only another call or the main side can bring about. */
  get isBlocked(): boolean {
    return this.isBusy && this.lane.isBlocked;
  }

  /**
   * Starts the thread and lets it run `init` first.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if the thread could not be started; or what `init` throws.
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
      if (init) await this.#run(init());
      this.isReady = true;
      this.#prepared = lane.answers.count;
      this.#preparedIn = lane.answers.ran;
      this.readySince = now();
    } catch (error) {
      if (!this.#thread) lane.close();
      this.terminate('error');
      throw error;
    } finally {
      lane.release();
    }
  }

  /** Lets the thread run `teardown`, for `deadline` milliseconds at the most, and ends it. No call may be out. */
  retire(teardown: MakeCall | undefined, deadline: number, reason: ThreadEndReason): Promise<void> {
    return (this.#retired ??= this.#retire(teardown, deadline, reason));
  }

  async #retire(teardown: MakeCall | undefined, deadline: number, reason: ThreadEndReason): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    this.endReason ??= reason;
    if (teardown && this.isReady) {
      const ran = this.#run(teardown()).catch((error: unknown) => this.#listener.onIncident(error));
      const late = new Latch();
      const timer = after(deadline, () => late.open());
      await Promise.race([ran, late.opened]);
      timer.cancel();
    }
    this.terminate(reason);
  }

  /** Ends the thread wherever it is. Native code that it runs goes on until it returns, and the thread with it. */
  terminate(reason: ThreadEndReason): void {
    const wasServing = this.isServing;
    this.isEnding = true;
    this.endReason ??= reason;
    this.left.open();
    this.#thread?.terminate();
    this.#thread = undefined;
    this.lane.reclaim();
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

  /** What its thread has loaded or heard is of no use. */
  onSpoilt(): void {
    this.isStale = true;
    this.dueFor = 'unreadable';
  }

  onLoss({ left, end }: Loss): void {
    if (end === 'now') this.terminate('unreadable');
    else if (end === 'later') this.onSpoilt();
    const own = left.find((call) => call === this.#own);
    // It was not what was lost, and is no other thread's to run.
    if (own && end !== 'now') this.lane.send(own);
    this.#listener.onLeft(own ? left.filter((call) => call !== own) : left);
  }

  /** Takes back the calls that it has not started: all but what it runs before its first call, or after its last one. */
  takeBack(): Call[] {
    return this.#own && !this.#own.settled ? [] : this.lane.takeBack();
  }

  /** Settles what was out when the thread ended, and gives back the calls that it had not started. */
  finish(end: ThreadEnd): Call[] {
    const left = this.lane.end(end);
    // It is no other thread's to run.
    this.#own?.fail(exitError('before it was set up, or cleared up', end));
    return left.filter(({ settled }) => !settled);
  }

  async #run(call: Call): Promise<void> {
    if (this.#hasEnded) throw new Error('it ended at once');
    this.#own = call;
    this.lane.send(call);
    await call.promise;
  }

  #ended(end: ThreadEnd): void {
    this.#hasEnded = true;
    this.left.open();
    this.#keeper.ended(this, end);
  }
}
