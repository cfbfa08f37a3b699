/** The threads of a pool: starts them when they are needed, replaces and ends them. @module */

import type { Worker } from 'node:worker_threads';
import { after } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import type { Call } from '../call/call.ts';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import { Latch } from '../base/latch.ts';
import { endReason } from '../threads/life.ts';
import type { Life } from '../threads/life.ts';
import { Offers } from './offers.ts';
import { Pause } from './pause.ts';
import { emptySlot } from './slot.ts';
import type { QueueListener } from './queue.ts';
import { PoolThread } from './pool-thread.ts';
import type { MakeCall, PoolThreadListener, Slot, ThreadKeeper } from './pool-thread.ts';
import { PiscinaThreads } from '../threads/piscina-threads.ts';
import type { ThreadOptions } from '../threads/start.ts';

/** Options of {@link PoolThreads}. */
export interface PoolThreadsOptions {
  /** The name of the pool. */
  readonly name: string;

  readonly maxThreads: number;
  readonly grace: number;
  readonly measuresHeap: boolean;
  readonly maxTasksPerThread: number;
  readonly threads: ThreadOptions;
  readonly init: MakeCall | undefined;
  readonly teardown: MakeCall | undefined;

  /** Told of threads that start, end and are replaced. */
  readonly life: Life;
}

/** Receives the events of the threads of a pool, and of their queues. */
export interface PoolThreadsListener extends PoolThreadListener, QueueListener {
  /** Called when the thread of `slot` may take calls. */
  onReady(slot: Slot): void;

  /** Called when a thread that took calls was told to end. */
  onEnding(thread: PoolThread): void;

  /** Called when a thread has ended; `left` are the calls that it had not started. */
  onEnd(thread: PoolThread, end: ThreadEnd, left: Call[]): void;

  /** Called when threads can be started again, after a pause. */
  onStartable(): void;

  /** Called when no thread could be started for `slot`. */
  onRefusal(slot: Slot, error: unknown): void;
}

/** How many extra places there are at the most. */
export const mostExtras = 64;

/** How long the end of the pool waits for threads that native code keeps from ending, in milliseconds. */
const longestEnd = 1000;

/**
 * The places of a pool and their threads. A thread that was told to end leaves its place at once, so that another one
 * can start: native code may keep the old thread for long.
 *
 * Invariant: no thread is started while more threads are ending than the pool has places, so that threads that never
 * end do not pile up. For {@link extras}, on which other calls wait, the limit is higher by the number of possible
 * extras.
 */
export class PoolThreads implements ThreadKeeper {
  /** The regular places, as many as the pool's `size`; keys are mapped to them. */
  readonly slots: readonly Slot[];

  /** Extra places, for calls that blocked calls wait for. */
  readonly extras: Slot[] = [];

  /** The waiting calls that the threads of {@link slots} have as well. */
  readonly offers: Offers;

  readonly #options: PoolThreadsOptions;
  readonly #listener: PoolThreadsListener;

  /** All threads that have not ended. */
  readonly #alive = new Set<PoolThread>();

  /** Opens when the pool is terminated. */
  readonly #terminated = new Latch();

  /** Opens when the last thread has ended. */
  #empty: Latch | undefined;
  #over: Promise<void> | undefined;
  #piscina: PiscinaThreads | undefined;
  readonly #pause: Pause;
  #isClosed = false;

  constructor(options: PoolThreadsOptions, listener: PoolThreadsListener) {
    this.#options = options;
    this.#listener = listener;
    this.#pause = new Pause(() => listener.onStartable());
    const isOnly = options.maxThreads === 1;
    this.slots = Array.from({ length: options.maxThreads }, (_, i) => emptySlot(listener, { number: i + 1, isOnly }));
    this.offers = new Offers(this.slots);
  }

  /** The present threads, as workers of Piscina. */
  get workers(): readonly Worker[] {
    return this.#piscina?.threads ?? [];
  }

  /** All places. */
  get places(): readonly Slot[] {
    return this.extras.length === 0 ? this.slots : [...this.slots, ...this.extras];
  }

  /** All present threads, also those that are starting or ending. */
  get alive(): PoolThread[] {
    return [...this.#alive];
  }

  /** Whether so many threads are ending that none is started for `slot` until one has ended. */
  isCrowded({ isExtra }: Slot): boolean {
    const most = this.#options.maxThreads + (isExtra ? mostExtras : 0);
    return this.#alive.size > most && this.alive.filter(({ isEnding }) => isEnding).length > most;
  }

  /**
   * Starts a thread for `slot` if it has none. Does nothing in the pause after a failed start, after which
   * `onStartable` is called, nor while too many threads are ending, of which each calls `onEnd`.
   */
  start(slot: Slot): void {
    if (slot.thread || slot.successor || this.#isPausing() || this.isCrowded(slot)) return;
    const thread = (slot.thread = this.#thread(slot));
    void this.#open(thread, slot);
  }

  /** Called when no call waits for a thread any more. */
  stopWaiting(): void {
    this.#pause.letGo();
  }

  /** Adds an extra place, and starts its thread as `start` does. */
  addExtra(): void {
    if (this.#isPausing()) return;
    const taken = new Set(this.extras.map(({ number }) => number));
    let number = this.#options.maxThreads + 1;
    while (taken.has(number)) number += 1;
    const slot = emptySlot(this.#listener, { number, isExtra: true });
    if (this.isCrowded(slot)) return;
    this.extras.push(slot);
    this.start(slot);
  }

  /**
   * Starts another thread for `slot`, which takes over once it is ready and the present thread is free. `reason` says
   * why.
   */
  replace(slot: Slot, reason: ThreadEndReason): void {
    if (slot.successor || this.#isPausing() || this.isCrowded(slot)) return;
    if (slot.thread) slot.thread.dueFor = reason;
    const successor = (slot.successor = this.#thread(slot));
    void this.#open(successor, slot);
  }

  /** Lets the successor of `slot`, if it is ready, replace a thread that is free or gone. */
  takeOver(slot: Slot): void {
    const { thread, successor } = slot;
    if (!successor?.isReady || (thread && thread.lane.load > 0)) return;
    if (thread) void this.#dismiss(slot, thread, thread.dueFor ?? 'recycled');
    slot.thread = successor;
    slot.successor = undefined;
    this.#arrived(slot, successor);
    this.#listener.onReady(slot);
  }

  /** Ends the thread of `slot`, which is free, after its teardown. */
  async release(slot: Slot, reason: ThreadEndReason): Promise<void> {
    const { thread } = slot;
    if (!thread) return;
    // It takes no call by itself any more, and is not free if it just has.
    if (this.offers.count > 0) thread.takeBack();
    if (thread.lane.load > 0) return;
    const retired = this.#dismiss(slot, thread, reason);
    this.#removeExtra(slot);
    await retired;
  }

  /**
   * Replaces the present threads, each once its replacement is ready and it is free; threads for which none can be
   * started become stale. Resolves when all of them have ended, or a second after the last one was told to.
   */
  async recycle(): Promise<void> {
    const { alive } = this;
    for (const slot of this.places) {
      const { thread, successor } = slot;
      if (successor) successor.isStale = true;
      if (thread?.isServing && !slot.isExtra) this.replace(slot, 'recycled');
      if (thread && !slot.successor) thread.isStale = true;
    }
    await Promise.all(alive.map(({ left }) => left.opened));
    await soon(Promise.all(alive.map(({ over }) => over.opened)));
  }

  /** Lets every thread, all of them free, run its teardown and end; resolves as {@link terminate} does. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pause.stop();
    const retired = Promise.all(this.alive.map(async (thread) => this.#retire(thread, 'closed')));
    await Promise.race([retired, this.#terminated.opened]);
    await this.#end();
  }

  /** Ends every thread. Resolves when all have ended, or after a second if native code keeps one. */
  async terminate(): Promise<void> {
    this.#isClosed = true;
    this.#pause.stop();
    for (const thread of this.#alive) {
      thread.isEnding = true;
      thread.endReason ??= 'closed';
      thread.left.open();
      thread.lane.recovery.reclaim();
    }
    this.#terminated.open();
    await this.#end();
  }

  #end(): Promise<void> {
    return (this.#over ??= this.#endAll());
  }

  async #endAll(): Promise<void> {
    await soon(Promise.all([this.#piscina?.destroy(), this.#emptied()]));
  }

  async #emptied(): Promise<void> {
    if (this.#alive.size === 0) return;
    this.#empty = new Latch();
    await this.#empty.opened;
  }

  #remove(thread: PoolThread): void {
    this.#alive.delete(thread);
    thread.over.open();
    if (this.#alive.size === 0) this.#empty?.open();
  }

  #isPausing(): boolean {
    return this.#isClosed || this.#pause.holds();
  }

  #thread(slot: Slot): PoolThread {
    const { measuresHeap, maxTasksPerThread: maxCalls } = this.#options;
    const thread = new PoolThread(slot, { measuresHeap, maxCalls }, this, this.#listener);
    this.#alive.add(thread);
    return thread;
  }

  async #open(thread: PoolThread, slot: Slot): Promise<void> {
    const { name, maxThreads, threads, init } = this.#options;
    try {
      this.#piscina ??= new PiscinaThreads(name, 3 * (maxThreads + mostExtras), threads);
      await thread.open(this.#piscina, init);
    } catch (error) {
      const isSuccessor = slot.successor === thread;
      this.#leave(slot, thread);
      if (!thread.hasThread) this.#remove(thread);
      // The next thread leaves out the statement for which this one discarded itself.
      if (thread.lane.isDiscarded && !this.#isClosed) return this.#startAnew(slot, isSuccessor);
      this.#forgo(slot);
      this.#pause.failed();
      if (this.#isClosed) return;
      return this.#listener.onRefusal(slot, error);
    }
    this.#options.life.started(thread);
    if (slot.thread === thread) this.#arrived(slot, thread);
    this.#listener.onReady(slot);
    // Other starts may have failed meanwhile: end the pause for which their calls wait.
    this.#pause.succeeded();
  }

  #startAnew(slot: Slot, isSuccessor: boolean): void {
    if (isSuccessor) this.replace(slot, slot.thread?.dueFor ?? 'recycled');
    else if (slot.isExtra) this.addExtra();
    else this.start(slot);
  }

  /** Removes `thread`, which is free, from `slot`, and ends it after its teardown. */
  async #dismiss(slot: Slot, thread: PoolThread, reason: ThreadEndReason): Promise<void> {
    slot.thread = undefined;
    slot.before = { threadId: thread.threadId, reason };
    await this.#retire(thread, reason);
  }

  async #retire(thread: PoolThread, reason: ThreadEndReason): Promise<void> {
    await thread.retire(this.#options.teardown, this.#options.grace, reason);
  }

  /** Called when `thread` takes the calls of `slot` from now on. */
  #arrived(slot: Slot, thread: PoolThread): void {
    const { before } = slot;
    slot.before = undefined;
    // A thread that is started later for new calls does not count as the replacement of an idle one.
    if (before && before.reason !== 'idle') this.#options.life.replaced(thread, before);
  }

  /** Called when `thread` was told to end. */
  vacate(thread: PoolThread): void {
    const { slot } = thread;
    this.#leave(slot, thread, thread.endReason);
    this.#listener.onEnding(thread);
    this.takeOver(slot);
  }

  /** Called when `thread` has ended. */
  ended(thread: PoolThread, end: ThreadEnd): void {
    const { slot } = thread;
    this.#remove(thread);
    // The thread ended during its start, which fails because of that.
    if (!thread.isReady) return void thread.finish(end);
    const reason = endReason(thread.endReason, end, thread.lane.isDiscarded);
    this.#leave(slot, thread, reason);
    this.#forgo(slot);
    this.#listener.onEnd(thread, end, thread.finish(end));
    this.#options.life.ended(thread, reason, end);
    this.takeOver(slot);
  }

  /** Makes a thread that is due to be recycled stale, because its replacement could not be started. */
  #forgo({ thread, successor }: Slot): void {
    if (thread?.dueFor === 'recycled' && !successor) thread.isStale = true;
  }

  /** Removes `thread` from `slot`; `reason` says why, if it was the present thread. */
  #leave(slot: Slot, thread: PoolThread, reason?: ThreadEndReason): void {
    if (slot.successor === thread) slot.successor = undefined;
    if (slot.thread === thread) {
      slot.thread = undefined;
      if (reason) slot.before = { threadId: thread.threadId, reason };
    }
    this.#removeExtra(slot);
  }

  #removeExtra(slot: Slot): void {
    const at = this.extras.indexOf(slot);
    if (at >= 0 && !slot.thread) this.extras.splice(at, 1);
  }
}

/** Resolves when `ended` does, or after a second: native code may keep a thread from ending for any time. */
async function soon(ended: Promise<unknown>): Promise<void> {
  const late = new Latch();
  const timer = after(longestEnd, () => late.open());
  timer.hold();
  await Promise.race([ended, late.opened]);
  timer.cancel();
}
