/** The engine of a pool: connects its threads, queues and statistics, and reacts to their events. @module */

import type { EventEmitter } from 'node:events';
import { onRenewed } from '../address/registry.ts';
import { WeakRef } from '../base/intrinsics.ts';
import { Latch } from '../base/latch.ts';
import { threadState } from '../base/realm.ts';
import type { Call } from '../call/call.ts';
import type { PoolEvents } from '../threads/events.ts';
import { Life } from '../threads/life.ts';
import { exitError } from '../wire/exit-error.ts';
import type { ThreadEnd } from '../wire/thread-end.ts';
import { abandon } from './dispatch/abandon.ts';
import { Admission } from './admission.ts';
import { Backlog } from './dispatch/backlog.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { Feeder } from './dispatch/feeder.ts';
import { reportIncident } from './incidents.ts';
import type { PoolSettings } from './pool-options.ts';
import type { PoolThread, Slot } from './threads/pool-thread.ts';
import { PoolThreads } from './threads/pool-threads.ts';
import type { PoolThreadsListener, PoolThreadsOptions } from './threads/pool-threads.ts';
import { Tally } from './figures/tally.ts';
import { Upkeep } from './threads/upkeep.ts';

/** How the threads of a pool are started, with their `init` and `teardown`. */
type Threading = Pick<PoolThreadsOptions, 'threads' | 'init' | 'teardown'>;

/**
 * The listener for the events of all parts of a pool: lanes, queues and threads.
 *
 * Invariant: once the pool is closing and idle, `closing` is open.
 */
export class Engine implements PoolThreadsListener {
  readonly threads: PoolThreads;
  readonly backlog: Backlog;
  readonly feeder: Feeder;
  readonly dispatcher: Dispatcher;
  readonly admission: Admission;
  readonly tally: Tally = new Tally();

  /** Exists once the pool takes no more calls; opens when the last call is over. */
  closing: Latch | undefined;

  readonly #pool: EventEmitter<PoolEvents>;
  readonly #settings: PoolSettings;
  readonly #upkeep: Upkeep;
  readonly #forgetRenewals: () => void;

  /** `pool` emits the events for users. */
  constructor(pool: EventEmitter<PoolEvents>, settings: PoolSettings, threading: Threading) {
    this.#pool = pool;
    this.#settings = settings;
    const { name, size, grace, maxHeap, maxTasksPerThread } = settings;
    const lives = { name, maxThreads: size, grace, measuresHeap: maxHeap !== Infinity, maxTasksPerThread };
    this.threads = new PoolThreads({ ...lives, ...threading, life: new Life(pool) }, this);
    this.backlog = new Backlog(this.threads, settings.maxQueue, this);
    this.feeder = new Feeder(this.threads, this.backlog);
    this.dispatcher = new Dispatcher(this.threads, this.backlog, this.feeder);
    this.#upkeep = new Upkeep(this.threads, settings);
    this.admission = new Admission(() => this.backlog.room);
    const self = new WeakRef(this);
    this.#forgetRenewals = onRenewed(() => self.deref()?.renew());
  }

  /** The name of the pool. */
  get name(): string {
    return this.#settings.name;
  }

  /** Starts the threads of `minThreads`. */
  startMinimum(): void {
    if (this.#settings.minThreads === 0 || this.closing || threadState()) return;
    const { slots } = this.threads;
    const missing = this.#settings.minThreads - slots.filter(({ thread }) => thread).length;
    for (const slot of slots.filter(({ thread }) => !thread).slice(0, Math.max(0, missing)))
      this.threads.starts.start(slot);
  }

  /** Called when a module was loaded anew: the present threads, which may have the old one, take no more calls. */
  renew(): void {
    for (const thread of this.threads.alive) thread.isStale = true;
    for (const { thread } of this.threads.places) this.feeder.putBack(thread?.takeBack() ?? []);
    this.#feedAll();
  }

  /** Replaces all present threads; resolves when they have ended, or a second after they were told to. */
  async recycle(): Promise<void> {
    const recycled = this.threads.recycle();
    this.#feedAll();
    await recycled;
  }

  /**
   * Stops taking calls; callers that wait for room get `error`. Gives the latch that opens when the last call is over.
   */
  beginClosing(error: unknown): Latch {
    this.closing ??= new Latch();
    this.admission.close(error);
    return this.closing;
  }

  /** Stops the timers of the upkeep, and hears no more of modules that are loaded anew. */
  stop(): void {
    this.#forgetRenewals();
    this.#upkeep.stop();
  }

  onReady(slot: Slot): void {
    this.#count();
    this.feeder.feed(slot);
    if (slot.thread) this.#upkeep.look(slot, slot.thread);
  }

  onProgress(thread: PoolThread): void {
    const { slot } = thread;
    this.feeder.feed(slot);
    if (!this.#upkeep.isIdle || slot.isExtra) this.#upkeep.look(slot, thread);
    // As `onChange`, which has nothing to do after most answers.
    if (this.admission.waiters.size > 0 || this.closing !== undefined) this.onChange();
  }

  onWait(thread: PoolThread): void {
    this.dispatcher.waits(thread);
  }

  onGone(thread: PoolThread, call: Call, reason: unknown): void {
    abandon(thread, call, reason, { feeder: this.feeder, grace: this.#settings.grace });
    this.feeder.spread();
    this.onChange();
  }

  /** Moves the calls that the thread has not started to other threads, because it may take long to end. */
  onEnding(thread: PoolThread): void {
    this.#count();
    this.onLeft(thread.takeBack());
    this.startMinimum();
  }

  onLeft(calls: readonly Call[]): void {
    this.feeder.putBack(calls);
    this.feeder.spread();
    this.onChange();
  }

  onEnd(thread: PoolThread, end: ThreadEnd, left: Call[]): void {
    this.#count();
    this.feeder.putBack(left);
    this.feeder.spread();
    const { lane, isEnding } = thread;
    if (!lane.recovery.endedInCall && !isEnding && !lane.isDiscarded)
      this.onIncident(exitError('while it ran no call', end));
    this.startMinimum();
    this.onChange();
  }

  onStartable(): void {
    this.feeder.spread();
    this.startMinimum();
  }

  onRefusal(slot: Slot, error: unknown): void {
    this.backlog.giveUp(slot, error);
    this.onIncident(error);
    this.feeder.spread();
    this.onChange();
  }

  onIncident(error: unknown): void {
    reportIncident(this.#pool, error);
  }

  onForgotten(): void {
    if (this.backlog.isIdle) this.threads.starts.stopWaiting();
    this.onChange();
  }

  /** Called when a call has started or is over: there may be room, and the call may have been the last one. */
  onChange(): void {
    this.admission.check();
    if (this.closing && this.backlog.isIdle) this.closing.open();
  }

  /** Called when the number of threads has changed. */
  #count(): void {
    this.tally.threads(this.threads.alive.filter(({ isServing }) => isServing).length);
  }

  #feedAll(): void {
    for (const slot of this.threads.places) this.feeder.feed(slot);
  }
}
