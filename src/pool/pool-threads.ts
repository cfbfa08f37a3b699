/** The threads of a pool: started when they are needed, set up, replaced, and ended. @module */

import type { Worker } from 'node:worker_threads';
import { after } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import type { Call } from '../call/call.ts';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import { Latch } from '../base/latch.ts';
import { endReason } from '../threads/life.ts';
import type { Life } from '../threads/life.ts';
import { Pause } from './pause.ts';
import { emptySlot } from './slot.ts';
import type { QueueListener } from './queue.ts';
import { PoolThread } from './pool-thread.ts';
import type { MakeCall, PoolThreadListener, Slot, ThreadKeeper } from './pool-thread.ts';
import { PiscinaThreads } from '../threads/piscina-threads.ts';
import type { ThreadOptions } from '../threads/start.ts';

/** How the threads of a pool live. */
export interface PoolThreadsOptions {
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

/** Told of what the threads do, and of the calls that wait for one of them. */
export interface PoolThreadsListener extends PoolThreadListener, QueueListener {
  /** A thread may take calls. */
  onReady(slot: Slot): void;

  /** A thread, which took calls, was told to end. */
  onEnding(thread: PoolThread): void;

  /** A thread has ended; `left` are the calls that it had not started. */
  onEnd(thread: PoolThread, end: ThreadEnd, left: Call[]): void;

  /** Threads can be started again. */
  onStartable(): void;

  /** No thread could be started for `slot`. */
  onRefusal(slot: Slot, error: unknown): void;
}

/** How many places there are at the most beside the pool's own. */
export const mostExtras = 64;

/** How long the end of the pool waits for threads that native code keeps, in milliseconds. */
const longestEnd = 1000;

/**
 * The places of a pool and who stands there. A thread that is to end has left its place: native code may keep it for
 * long, and another one starts meanwhile.
 *
 * Invariant: no thread is started while more of them are ending than the pool has places, so that those that never end do
 * not pile up. Threads of {@link extras}, which others wait for, may start beside as many more as there can be of those.
 */
export class PoolThreads implements ThreadKeeper {
  /** The places that keys are given to. */
  readonly slots: readonly Slot[];

  /** Places beside those, for calls that blocked ones wait for. */
  readonly extras: Slot[] = [];

  readonly #options: PoolThreadsOptions;
  readonly #listener: PoolThreadsListener;

  /** All that have not ended. */
  readonly #alive = new Set<PoolThread>();

  /** The pool was terminated. */
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
  }

  /** The threads that are there, as Piscina knows them. */
  get workers(): readonly Worker[] {
    return this.#piscina?.threads ?? [];
  }

  /** All places. */
  get places(): readonly Slot[] {
    return this.extras.length === 0 ? this.slots : [...this.slots, ...this.extras];
  }

  /** All threads that are there, starting or ending. */
  get alive(): PoolThread[] {
    return [...this.#alive];
  }

  /** Whether no thread is started for `slot` until one of those that are ending has ended. */
  isCrowded({ isExtra }: Slot): boolean {
    const most = this.#options.maxThreads + (isExtra ? mostExtras : 0);
    return this.#alive.size > most && this.alive.filter(({ isEnding }) => isEnding).length > most;
  }

  /**
   * Starts a thread for `slot` if it has none. In the pause after a start that failed, `onStartable` is called later; while
   * too many are ending, `onEnd` is.
   */
  start(slot: Slot): void {
    if (slot.thread || slot.successor || this.#isPausing() || this.isCrowded(slot)) return;
    const thread = (slot.thread = this.#thread(slot));
    void this.#open(thread, slot);
  }

  /** No call waits for a thread any more. */
  stopWaiting(): void {
    this.#pause.letGo();
  }

  /** Adds a place beside the others and starts its thread, as `start` does. */
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
   * Starts another thread for `slot`; once it is ready, and the one that stands there is free, it takes over. `reason` says
   * why.
   */
  replace(slot: Slot, reason: ThreadEndReason): void {
    if (slot.successor || this.#isPausing() || this.isCrowded(slot)) return;
    if (slot.thread) slot.thread.dueFor = reason;
    const successor = (slot.successor = this.#thread(slot));
    void this.#open(successor, slot);
  }

  /** Lets the successor of `slot`, if it is ready, take the place of a thread that is free or gone. */
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
    const retired = this.#dismiss(slot, thread, reason);
    this.#removeExtra(slot);
    await retired;
  }

  /**
   * Replaces the threads that are there, each once another one is ready and it is free; those that cannot be replaced so
   * are stale. Resolves when all of them have ended, or a second after the last one was told to.
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
      thread.lane.reclaim();
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
    const { maxThreads, threads, init } = this.#options;
    try {
      this.#piscina ??= new PiscinaThreads(3 * (maxThreads + mostExtras), threads);
      await thread.open(this.#piscina, init);
    } catch (error) {
      const isSuccessor = slot.successor === thread;
      this.#leave(slot, thread);
      if (!thread.hasThread) this.#remove(thread);
      // What it was about to do again, the next one knows to leave out.
      if (thread.lane.isDiscarded && !this.#isClosed) return this.#startAnew(slot, isSuccessor);
      this.#forgo(slot);
      this.#pause.failed();
      if (this.#isClosed) return;
      return this.#listener.onRefusal(slot, error);
    }
    this.#options.life.started(thread);
    if (slot.thread === thread) this.#arrived(slot, thread);
    this.#listener.onReady(slot);
    // Others may have failed, and wait for the end of a pause that is over now.
    this.#pause.succeeded();
  }

  #startAnew(slot: Slot, isSuccessor: boolean): void {
    if (isSuccessor) this.replace(slot, slot.thread?.dueFor ?? 'recycled');
    else if (slot.isExtra) this.addExtra();
    else this.start(slot);
  }

  /** Lets `thread`, which is free, leave `slot`, run its teardown and end. */
  async #dismiss(slot: Slot, thread: PoolThread, reason: ThreadEndReason): Promise<void> {
    slot.thread = undefined;
    slot.before = { threadId: thread.threadId, reason };
    await this.#retire(thread, reason);
  }

  async #retire(thread: PoolThread, reason: ThreadEndReason): Promise<void> {
    await thread.retire(this.#options.teardown, this.#options.grace, reason);
  }

  /** `thread` takes the calls of `slot` from now on. */
  #arrived(slot: Slot, thread: PoolThread): void {
    const { before } = slot;
    slot.before = undefined;
    // A thread that is started when there is need again replaces none.
    if (before && before.reason !== 'idle') this.#options.life.replaced(thread, before);
  }

  /** `thread` was told to end. */
  vacate(thread: PoolThread): void {
    const { slot } = thread;
    this.#leave(slot, thread, thread.endReason);
    this.#listener.onEnding(thread);
    this.takeOver(slot);
  }

  /** `thread` has ended. */
  ended(thread: PoolThread, end: ThreadEnd): void {
    const { slot } = thread;
    this.#remove(thread);
    // The start of the thread is still awaited, and fails with it.
    if (!thread.isReady) return void thread.finish(end);
    const reason = endReason(thread.endReason, end, thread.lane.isDiscarded);
    this.#leave(slot, thread, reason);
    this.#forgo(slot);
    this.#listener.onEnd(thread, end, thread.finish(end));
    this.#options.life.ended(thread, reason, end);
    this.takeOver(slot);
  }

  /** A thread that is to be recycled is not kept for want of another one. */
  #forgo({ thread, successor }: Slot): void {
    if (thread?.dueFor === 'recycled' && !successor) thread.isStale = true;
  }

  /** `thread` stands at `slot` no more; `reason` says why, if it had stood there. */
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

/** Resolves when `ended` does, or after a second: native code may keep a thread for as long as it likes. */
async function soon(ended: Promise<unknown>): Promise<void> {
  const late = new Latch();
  const timer = after(longestEnd, () => late.open());
  timer.hold();
  await Promise.race([ended, late.opened]);
  timer.cancel();
}
