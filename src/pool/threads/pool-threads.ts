/** The threads of a pool: who has which place, how they are replaced, and how they end. @module */

import { Promise } from '../../base/intrinsics.ts';
import { Latch } from '../../base/latch.ts';
import type { Call } from '../../call/call.ts';
import { endReason } from '../../threads/life.ts';
import type { ThreadEnd, ThreadEndReason } from '../../wire/thread-end.ts';
import { AliveThreads } from './alive-threads.ts';
import { Offers } from './offers.ts';
import { Places } from './places.ts';
import type { PoolThread, Slot, ThreadKeeper } from './pool-thread.ts';
import type { QueueListener } from '../queue.ts';
import type { MakeCall } from './reserved-calls.ts';
import { forgoSuccessor } from './slot.ts';
import { ThreadStarts } from './thread-starts.ts';
import type { ThreadStartsListener, ThreadStartsOptions } from './thread-starts.ts';

/** Options of {@link PoolThreads}. */
export interface PoolThreadsOptions extends ThreadStartsOptions {
  readonly maxThreads: number;
  readonly grace: number;
  readonly teardown: MakeCall | undefined;
}

/** Receives the events of the threads of a pool, and of their queues. */
export interface PoolThreadsListener extends ThreadStartsListener, QueueListener {
  /** Called when a thread that took calls was told to end. */
  onEnding(thread: PoolThread): void;

  /** Called when a thread has ended; `left` are the calls that it had not started. */
  onEnd(thread: PoolThread, end: ThreadEnd, left: Call[]): void;
}

/**
 * The places of a pool and their threads.
 *
 * Invariant: a thread that was told to end leaves its place at once, so that another one can start: native code may keep
 * the old thread for long.
 */
export class PoolThreads implements ThreadKeeper {
  /** The regular places, as many as the pool's `size`; keys are mapped to them. */
  readonly slots: readonly Slot[];

  /** Extra places, for calls that blocked calls wait for. */
  readonly extras: readonly Slot[];

  /** The waiting calls that the threads of {@link slots} have as well. */
  readonly offers: Offers;

  /** Starts threads for the places. */
  readonly starts: ThreadStarts;

  readonly #options: PoolThreadsOptions;
  readonly #listener: PoolThreadsListener;
  readonly #places: Places;
  readonly #alive = new AliveThreads();

  /** Opens when the pool is terminated. */
  readonly #terminated = new Latch();
  #over: Promise<void> | undefined;

  constructor(options: PoolThreadsOptions, listener: PoolThreadsListener) {
    this.#options = options;
    this.#listener = listener;
    const places = (this.#places = new Places(options.maxThreads, listener, options.life));
    this.slots = places.slots;
    this.extras = places.extras;
    this.offers = new Offers(this.slots);
    this.starts = new ThreadStarts(options, { places, alive: this.#alive }, this, listener);
  }

  /** All places. */
  get places(): readonly Slot[] {
    return this.extras.length === 0 ? this.slots : [...this.slots, ...this.extras];
  }

  /** The threads that have a place. */
  get present(): PoolThread[] {
    return this.places.flatMap(({ thread }) => thread ?? []);
  }

  /** All threads, also those that are starting or ending. */
  get alive(): PoolThread[] {
    return this.#alive.all;
  }

  /** Lets the successor of `slot`, if it is ready, replace a thread that is free or gone. */
  takeOver(slot: Slot): void {
    const { thread, successor } = slot;
    if (!successor?.isReady || (thread && thread.lane.load > 0)) return;
    if (thread) void this.#dismiss(slot, thread, thread.dueFor ?? 'recycled');
    slot.thread = successor;
    slot.successor = undefined;
    this.#places.taken(slot, successor);
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
    this.#places.removeExtra(slot);
    await retired;
  }

  /**
   * Replaces the present threads, each once its replacement is ready and it is free; threads for which none can be
   * started become stale. Resolves when all of them have ended, or a second after the last one was told to.
   */
  async recycle(): Promise<void> {
    const gone = this.#alive.whenGone();
    for (const slot of this.places) {
      const { thread, successor } = slot;
      if (successor) successor.isStale = true;
      if (thread?.isServing && !slot.isExtra) this.starts.replace(slot, 'recycled');
      if (thread && !slot.successor) thread.isStale = true;
    }
    await gone;
  }

  /** Lets every thread, all of them free, run its teardown and end; resolves as {@link terminate} does. */
  async close(): Promise<void> {
    this.starts.stop();
    const retired = Promise.all(this.alive.map(async (thread) => this.#retire(thread, 'closed')));
    await Promise.race([retired, this.#terminated.opened]);
    await this.#end();
  }

  /** Ends every thread. Resolves when all have ended, or after a second if native code keeps one. */
  async terminate(): Promise<void> {
    this.starts.stop();
    for (const thread of this.alive) {
      thread.isEnding = true;
      thread.endReason ??= 'closed';
      thread.left.open();
      thread.lane.recovery.reclaim();
    }
    this.#terminated.open();
    await this.#end();
  }

  #end(): Promise<void> {
    return (this.#over ??= this.#alive.whenEmpty(this.starts.destroy()));
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

  /** Called when `thread` was told to end. */
  vacate(thread: PoolThread): void {
    const { slot } = thread;
    this.#places.leave(slot, thread, thread.endReason);
    this.#listener.onEnding(thread);
    this.takeOver(slot);
  }

  /** Called when `thread` has ended. */
  ended(thread: PoolThread, end: ThreadEnd): void {
    const { slot } = thread;
    this.#alive.remove(thread);
    // The thread ended during its start, which fails because of that.
    if (!thread.isReady) return void thread.finish(end);
    const reason = endReason(thread.endReason, end, thread.lane.isDiscarded);
    this.#places.leave(slot, thread, reason);
    forgoSuccessor(slot);
    this.#listener.onEnd(thread, end, thread.finish(end));
    this.#options.life.ended(thread, reason, end);
    this.takeOver(slot);
  }
}
