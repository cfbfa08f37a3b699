/** A pool of threads for the calls of wrapped functions. @module */

import { availableParallelism } from 'node:os';
import { onRenewed } from '../address/registry.ts';
import { after, now } from '../clock.ts';
import { argumentError, OffloopError } from '../errors.ts';
import type { Call } from '../lane/call.ts';
import { Lane } from '../lane/lane.ts';
import type { ThreadEnd } from '../lane/lane.ts';
import { shared } from '../realm.ts';
import { Latch } from './latch.ts';
import { checkCloseOptions, checkPoolOptions, threadOptions } from './pool-options.ts';
import type { CloseOptions, ThreadPoolOptions } from './pool-options.ts';
import { CallQueue } from './queue.ts';
import { emptySlot, hasRoom, isBusy, isFree, isStarting, slotOf } from './slot.ts';
import type { Slot } from './slot.ts';
import { PooledThreads } from './threads.ts';

/** How long a lane with several calls may be silent before they are taken to be stuck, in milliseconds. */
const stuckAfter = 5;

/** Where the default pool is kept, for all copies of the library. */
const defaults = shared('default pool', () => ({ pool: undefined as ThreadPool | undefined }));

/**
 * Threads that run calls, one at a time each. They are started when calls need them, in parallel up to `size`, and stay
 * for the next ones; a thread that dies is replaced. Within a priority, calls start in the order in which they were
 * made. An idle pool does not keep the process alive; a pending call does.
 *
 * Module state is per thread: a `let` that a call changes is changed in that call's thread only.
 *
 * @example
 * ```ts
 * await using pool = new ThreadPool({ size: 2 });
 * const results = await Promise.all([1, 2, 3].map((n) => work.with({ pool })(n)));
 * ```
 */
export class ThreadPool implements AsyncDisposable {
  readonly name: string;

  /** How many threads at the most. */
  readonly size: number;

  readonly #options: ThreadPoolOptions;
  readonly #queue = new CallQueue();
  readonly #slots: readonly Slot[];
  #threads: PooledThreads | undefined;
  #order = 0;
  readonly #forgetRenewals: () => void;
  #closing: Latch | undefined;
  #isWatching = false;

  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
  constructor(options: ThreadPoolOptions = {}) {
    checkPoolOptions(options);
    this.#options = options;
    this.size = options.size ?? availableParallelism();
    this.name = options.name ?? 'pool';
    this.#slots = Array.from({ length: this.size }, emptySlot);
    const self = new WeakRef(this);
    this.#forgetRenewals = onRenewed(() => self.deref()?.recycle());
  }

  /** The pool that wrappers use when they are not given one. */
  static get default(): ThreadPool {
    return (defaults.pool ??= new ThreadPool({ name: 'default' }));
  }

  /** How many threads are running, how many of them are busy, and how many calls wait. */
  stats(): { threads: number; busy: number; queued: number } {
    const lanes = this.#slots.filter(({ thread }) => thread);
    return { threads: lanes.length, busy: lanes.filter(({ lane }) => lane?.load).length, queued: this.#unstarted };
  }

  /**
   * Takes a call in. Used by wrappers.
   *
   * @internal
   */
  submit(call: Call): void {
    if (call.settled) return;
    if (this.#closing) {
      const text = `Cannot call ${call.name}: the pool is closed`;
      return call.fail(new OffloopError('ERR_OFFLOOP_CLOSED', text));
    }
    call.order = this.#order += 1;
    const isDisturbed = call.plan.priority !== 0 && this.#takeBack(this.#slots);
    this.#admit(call);
    // A thread that all of its calls were taken from has nothing to answer, and would be left idle.
    if (isDisturbed) for (const slot of this.#slots) this.#freed(slot);
  }

  #admit(call: Call): void {
    const slot = this.#freeSlot(call);
    if (slot) return this.#send(slot, call);
    // One call for each thread that is free, or will be, does not count as waiting.
    if (
      this.#unstarted >=
      this.#slots.filter((place) => !isBusy(place)).length + (this.#options.maxQueue ?? Infinity)
    ) {
      const text = `Cannot call ${call.name}: ${this.#unstarted} calls wait already, maxQueue is ${this.#options.maxQueue}`;
      return call.fail(new OffloopError('ERR_OFFLOOP_QUEUE_FULL', text));
    }
    this.#wait(call);
    this.#spread();
  }

  /** Replaces every thread: idle ones now, busy ones after their call. Modules are loaded anew. */
  recycle(): void {
    for (const slot of this.#slots) {
      if (!slot.lane) continue;
      slot.isStale = true;
      if (slot.thread && slot.lane.load === 0) this.#end(slot);
    }
  }

  /**
   * Lets running and waiting calls finish, refuses new ones with `ERR_OFFLOOP_CLOSED`, and ends the threads. After
   * `timeout` milliseconds (default: no limit) the calls that are left are rejected with `ERR_OFFLOOP_CLOSED`.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range; then nothing is closed.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkCloseOptions(options);
    const { timeout = Infinity } = options;
    this.#closing ??= new Latch();
    this.#checkClosed();
    const timer = after(timeout, () => void this.terminate());
    await this.#closing.opened;
    timer.cancel();
    this.#forgetRenewals();
    await this.#threads?.destroy();
  }

  /** Ends the threads now. Calls that run or wait are rejected with `ERR_OFFLOOP_CLOSED`. */
  async terminate(): Promise<void> {
    this.#closing ??= new Latch();
    const error = (call: Call): OffloopError =>
      new OffloopError('ERR_OFFLOOP_CLOSED', `The pool was terminated before ${call.name} was done`);
    for (const queue of [this.#queue, ...this.#slots.map(({ keyed }) => keyed)]) {
      for (const call of queue.calls()) call.abort(error(call));
    }
    for (const { lane } of this.#slots) for (const call of lane?.calls() ?? []) call.fail(error(call));
    this.#closing.open();
    this.#forgetRenewals();
    await this.#threads?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #waiting(): number {
    return this.#slots.reduce((sum, { keyed }) => sum + keyed.size, this.#queue.size);
  }

  /** Calls that have not started, in line or behind others on a lane. */
  get #unstarted(): number {
    return this.#slots.reduce((sum, { lane }) => sum + Math.max(0, (lane?.load ?? 0) - 1), this.#waiting);
  }

  /** A thread that can be sent `call` at once: a free one, or one whose calls are short as this one is. */
  #freeSlot(call: Call): Slot | undefined {
    if (this.#waiting > 0 && this.#queueOf(call).size > 0) return undefined;
    const places = call.plan.key === undefined ? this.#slots : [slotOf(this.#slots, call.plan.key)];
    let best: Slot | undefined;
    for (const slot of places) {
      if (isFree(slot)) return slot;
      if (hasRoom(slot, call) && (!best || (slot.lane?.load ?? 0) < (best.lane?.load ?? 0))) best = slot;
    }
    return best;
  }

  #queueOf(call: Call): CallQueue {
    return call.plan.key === undefined ? this.#queue : slotOf(this.#slots, call.plan.key).keyed;
  }

  #wait(call: Call): void {
    try {
      call.args.keep();
    } catch (error) {
      return call.fail(error);
    }
    const queue = this.#queueOf(call);
    queue.push(call);
    this.#keepInLine(queue, call);
  }

  /** Calls that were sent and not started go before those that waited. */
  #putBack(calls: readonly Call[]): void {
    for (const call of calls.toSorted((a, b) => b.order - a.order)) {
      const queue = this.#queueOf(call);
      queue.unshift(call);
      this.#keepInLine(queue, call);
    }
  }

  /** From here on the call leaves the line by itself when it is given up. */
  #keepInLine(queue: CallQueue, call: Call): void {
    call.onGone(() => {
      queue.forget();
      this.#checkClosed();
    });
    call.waiting();
  }

  /** Puts the calls that `slots` have not started back in line; says whether there were any. */
  #takeBack(slots: readonly Slot[]): boolean {
    const taken = slots.flatMap(({ lane }) => (lane && lane.load > 1 ? lane.takeBack() : []));
    if (taken.length > 0) this.#putBack(taken);
    return taken.length > 0;
  }

  /** Sends what waits to the threads that have time for it, and starts threads for the rest. */
  #spread(): void {
    for (const slot of this.#slots) this.#freed(slot);
    this.#grow();
  }

  /** Starts threads for what waits, as many at once as are needed. */
  #grow(): void {
    let wanted = this.#queue.size - this.#slots.filter((slot) => isStarting(slot) && slot.keyed.size === 0).length;
    for (const slot of this.#slots) {
      if (slot.lane) continue;
      if (slot.keyed.size > 0) void this.#start(slot);
      else if (wanted > 0) {
        wanted -= 1;
        void this.#start(slot);
      }
    }
  }

  async #start(slot: Slot): Promise<void> {
    const lane = new Lane(() => this.#freed(slot));
    slot.lane = lane;
    slot.isStale = false;
    slot.isEnding = false;
    lane.hold();
    try {
      this.#threads ??= new PooledThreads(this.size, threadOptions(this.#options));
      slot.thread = await this.#threads.start(lane.offer, (end) => this.#ended(slot, lane, end));
      lane.attach(slot.thread);
      this.#freed(slot);
    } catch (error) {
      slot.lane = undefined;
      lane.close();
      this.#refuse(error);
    } finally {
      lane.release();
    }
  }

  /** No thread could be started: without any, nothing that waits would ever run. */
  #refuse(error: unknown): void {
    for (const { keyed, lane } of this.#slots) if (!lane) for (const call of keyed.calls()) call.abort(error);
    if (this.#slots.some(({ lane }) => lane)) return;
    for (const call of this.#queue.calls()) call.abort(error);
  }

  #send(slot: Slot, call: Call): void {
    call.onGone(() => this.#abandon(slot, call));
    if (!slot.lane?.send(call)) this.#freed(slot);
    else if (slot.lane.load === 2) this.#watch();
  }

  /** A call was given up after it was sent. If it runs, its thread may end by itself if it can know, else it is ended. */
  #abandon(slot: Slot, call: Call): void {
    const { lane } = slot;
    const isOut = (): boolean => slot.lane === lane && lane?.has(call) === true;
    // Itself, if it has not started, and those behind it.
    if (isOut()) this.#putBack(lane?.takeBack() ?? []);
    if (isOut() && !call.cooperative) this.#end(slot);
    else if (isOut()) after(this.#options.grace ?? 1000, () => isOut() && this.#end(slot));
    this.#spread();
  }

  /** Calls behind one that takes longer than it used to go elsewhere as soon as there is an elsewhere. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    after(stuckAfter, () => {
      this.#isWatching = false;
      const deep = this.#slots.filter(({ lane }) => lane && lane.load > 1);
      const stuck = deep.filter(({ lane }) => now() - (lane?.progress ?? 0) >= stuckAfter);
      if (stuck.length > 0 && this.#slots.some((slot) => !slot.lane || isFree(slot))) {
        this.#takeBack(stuck);
        this.#spread();
      }
      if (deep.length > 0) this.#watch();
    });
  }

  #freed(slot: Slot): void {
    const { lane } = slot;
    if (!lane || !slot.thread || slot.isEnding) return;
    if (slot.isStale && lane.load === 0) return this.#end(slot);
    for (;;) {
      const call = slot.keyed.peek(this.#queue);
      if (!call) return this.#checkClosed();
      if (lane.load > 0 && !hasRoom(slot, call)) return;
      slot.keyed.take(this.#queue);
      this.#send(slot, call);
    }
  }

  #end(slot: Slot): void {
    if (slot.isEnding) return;
    slot.isEnding = true;
    slot.thread?.terminate();
  }

  #ended(slot: Slot, lane: Lane, end: ThreadEnd): void {
    slot.lane = undefined;
    slot.thread = undefined;
    this.#putBack(lane.end(end));
    this.#spread();
    this.#checkClosed();
  }

  #checkClosed(): void {
    const isIdle = this.#waiting === 0 && this.#slots.every(({ lane }) => !lane || lane.load === 0);
    if (isIdle) this.#closing?.open();
  }
}

/** Makes `pool` the one that wrappers use when they are not given one. The one before it is not closed. */
export function setDefaultPool(pool: ThreadPool): void {
  if (!(pool instanceof ThreadPool)) throw argumentError('Cannot set the default pool: expected a ThreadPool');
  defaults.pool = pool;
}
