/** Decides which call goes to which thread, and when. @module */

import { after, now } from '../base/clock.ts';
import type { Call } from '../call/call.ts';
import { OffloopError } from '../base/errors.ts';
import { shortCost } from '../wire/cost.ts';
import type { PoolThreads } from './pool-threads.ts';
import type { Offers } from './offers.ts';
import { Placing } from './placing.ts';
import { CallQueue } from './queue.ts';
import type { QueueListener } from './queue.ts';
import { Relief } from './relief.ts';
import { hasRoom, isDone, isStarting, isTurning, placeForKey } from './slot.ts';
import type { PoolThread, Slot } from './pool-thread.ts';

/** Limits of the dispatcher. */
export interface DispatcherOptions {
  readonly maxQueue: number;

  /** How long a call that was given up, and can notice that, may take to end by itself, in milliseconds. */
  readonly grace: number;
}

/** Told of the calls of a pool. */
interface DispatcherListener extends QueueListener {
  /** Called when a call is over, which may have been the last one. */
  onChange(): void;
}

/** How long a lane with several calls may send no message before its first call counts as slow, in milliseconds. */
const stuckAfter = 5;

/** While calls wait, results are read after so many submitted calls. */
const callsPerLook = 64;

/**
 * Sends calls to threads: strictly first come, first served within a priority.
 *
 * Invariant: while a call waits that a free thread may run, that thread is not left idle.
 */
export class Dispatcher {
  readonly #threads: PoolThreads;
  readonly #options: DispatcherOptions;
  readonly #queue: CallQueue;
  readonly #relief: Relief;
  readonly #placing: Placing;
  readonly #offers: Offers;
  readonly #listener: DispatcherListener;
  #order = 0;
  #isWatching = false;

  /** Whether a queue was found to be hopeless: see {@link CallQueue.isHopeless}. */
  #hasHopeless = false;

  constructor(threads: PoolThreads, options: DispatcherOptions, listener: DispatcherListener) {
    this.#threads = threads;
    this.#options = options;
    this.#listener = listener;
    this.#offers = threads.offers;
    const onSeek = (call: Call): void => this.#offers.withdraw(call);
    const onForgotten = (): void => {
      listener.onForgotten();
      this.#offers.fill();
    };
    this.#queue = new CallQueue({ onForgotten, onSeek });
    this.#offers.of(this.#queue);
    this.#relief = new Relief(threads, this.#queue, this);
    this.#placing = new Placing(threads, this.#queue, this.#relief);
  }

  /** How many calls have not started, in a queue or behind other calls on a lane. */
  get unstarted(): number {
    this.#offers.settle();
    return this.#threads.places.reduce(
      (sum, { keyed, thread }) => sum + keyed.size + (thread?.lane.standing.waiting ?? 0),
      this.#queue.size,
    );
  }

  /** How many more calls can be submitted before one is refused. */
  get room(): number {
    const { maxQueue } = this.#options;
    if (maxQueue === Infinity) return Infinity;
    // One call for each thread that is free, or will be, does not count as waiting.
    const free = this.#threads.slots.filter(({ thread }) => thread?.isBusy !== true).length;
    return Math.max(0, maxQueue + free - this.unstarted);
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    if (this.#queue.size > 0) return false;
    // A thread that runs `init` has no call but that.
    const isQuiet = (thread: PoolThread | undefined): boolean => !thread?.isReady || thread.lane.load === 0;
    return this.#threads.places.every(({ keyed, thread }) => keyed.size === 0 && isQuiet(thread));
  }

  /** Takes a call. */
  submit(call: Call): void {
    const { key, priority } = call.plan;
    call.order = this.#order += 1;
    // Most calls come while none waits and a thread is idle: these take a short way.
    const isFirst = key === undefined && priority === 0 && call.depth === 0 && this.#queue.size === 0;
    if (isFirst && call.place === undefined && this.#options.maxQueue === Infinity) {
      const isBrief = call.isPlain && call.definition.learnt.cost < shortCost && call.stream === undefined;
      const slot = isBrief ? this.#placing.placeForPlain(call) : this.#placing.placeForLone(call.definition.id);
      if (slot) {
        const thread = slot.thread as PoolThread;
        const { lane } = thread;
        call.holder = thread;
        if (isBrief) lane.plain.send(call, call.caller.at);
        else if (!lane.sender.send(call, false)) return;
        if (lane.calls.size === 2 || thread.maxCalls !== Infinity) this.#sent(slot, thread);
        return;
      }
    }
    this.#offers.settle();
    if (this.#order % callsPerLook === 0 && this.#queue.size > 0) this.#look();
    if (key !== undefined) call.place = placeForKey(key, this.#threads.slots.length);
    // The thread of its key may be blocked by the very call that waits for this one: let any thread run it.
    if (call.depth > 0 && call.place !== undefined && this.#slotOf(call.place).thread?.isBlocked)
      call.place = undefined;
    const isSpecial = priority !== 0 || call.depth > 0;
    const wasOffered =
      this.#offers.count > 0 && (isSpecial || !this.#offers.isOfferable(call)) && this.#offers.recall();
    const isDisturbed = (isSpecial && this.#takeBack(this.#alive)) || wasOffered;
    const slot = this.#queueOf(call).isFirst(call) ? this.#placing.placeFor(call) : undefined;
    // A call that is sent behind others counts as waiting, too.
    if (call.depth === 0 && !slot?.thread?.isFree && this.room === 0) call.fail(this.#refusal(call));
    else if (slot) this.#send(slot, call);
    else this.#line(call);
    // A thread whose calls were all taken back sends no answer that would trigger `feed`, and would stay idle.
    if (isDisturbed) this.spread();
  }

  /** Sends waiting calls to the threads that can take them, and starts threads for the others. */
  spread(): void {
    for (const slot of this.#threads.places) this.#feed(slot);
    this.#grow();
    this.#relief.check();
    this.#offers.fill();
  }

  /** Sends waiting calls to the thread of `slot`, as many as it can take, and offers others to all threads. */
  feed(slot: Slot): void {
    this.#feed(slot);
    if (this.#queue.size > 0) this.#offers.fill();
  }

  #feed(slot: Slot): void {
    const { thread } = slot;
    if (
      this.#queue.size === 0 &&
      slot.keyed.size === 0 &&
      slot.successor === undefined &&
      !this.#hasHopeless &&
      !this.#placing.hasLoading &&
      thread?.isStale === false &&
      (thread.maxCalls === Infinity || !thread.isSpent)
    ) {
      // As after most answers while no calls wait.
      return;
    }
    if (this.#hasHopeless) this.#weighHopes();
    if (isTurning(slot)) {
      const isDisturbed = thread ? this.putBack(thread.takeBack()) : false;
      this.#threads.takeOver(slot);
      return isDisturbed ? this.spread() : undefined;
    }
    if (!thread?.isReady || thread.isEnding) return;
    if (thread.lane.load === 0 && isDone(slot, thread)) {
      void this.#threads.release(slot, thread.isStale ? (thread.dueFor ?? 'recycled') : 'calls');
      return this.#grow();
    }
    const slower = this.#placing.slowerThan(slot, thread);
    if (slower && this.putBack(slower.takeBack())) return this.spread();
    const { lane } = thread;
    for (;;) {
      if (slot.keyed.size === 0 && this.#queue.size === 0) return;
      const call = slot.keyed.peek(this.#queue);
      if (!call) return;
      if (this.#offers.has(call)) return this.#leaveTo(thread, slot, call);
      const isKnown = lane.loads.knows(call.definition);
      if (!thread.isFree && !(hasRoom(slot, call) && (isKnown || slot.isOnly))) return;
      if (!this.#relief.mayTake(slot, call)) return this.#relief.check();
      slot.keyed.take(this.#queue);
      this.#send(isKnown ? slot : (this.#placing.freeWith(call) ?? slot), call);
    }
  }

  /** Lets the threads take `call`, the next one for `slot`, by themselves, unless its thread is free and does not have it. */
  #leaveTo(thread: PoolThread, slot: Slot, call: Call): void {
    if (!thread.isFree || this.#offers.reaches(call, thread.lane)) return;
    if (!this.#relief.mayTake(slot, call)) return this.#relief.check();
    this.#offers.recall();
    this.spread();
  }

  /**
   * Puts calls that were sent and not started back into their queues, before the others. Gives whether others are not
   * offered any more because of that, so that free threads have to be sent calls.
   */
  putBack(calls: readonly Call[]): boolean {
    const wasOffered = calls.length > 0 && this.#offers.recall();
    for (const call of calls.toSorted((a, b) => b.order - a.order)) {
      call.isOffered = this.#offers.isOfferable(call);
      this.#queueOf(call).unshift(call);
    }
    return wasOffered;
  }

  /**
   * Called when a sent call was given up. If it runs and cannot notice that, or does not end, its thread is terminated.
   */
  abandon(thread: PoolThread, call: Call, reason: unknown): void {
    const { lane } = thread;
    // Take back this call, if it has not started, and those behind it. If its module is being loaded, that may never
    // end.
    if (lane.calls.has(call)) this.putBack(thread.takeBack());
    if (!lane.calls.has(call) && lane.loads.isFor(call.sentAs)) thread.terminate('aborted');
    // Read results after that: if another call has started by now, the result of this one has arrived.
    lane.catchUp();
    if (lane.calls.has(call)) {
      // A call that was interrupted before has had its time.
      if (call.bridge?.isInterrupted || !lane.interrupt(call, reason)) thread.terminate('aborted');
      else after(call.stream?.closeTimeout ?? this.#options.grace, () => this.#endIfStuck(thread, call));
    }
    this.spread();
    this.#listener.onChange();
  }

  /** Terminates the thread if a call that was given up has not ended. */
  #endIfStuck(thread: PoolThread, call: Call): void {
    thread.lane.catchUp();
    if (thread.lane.calls.has(call)) thread.terminate('aborted');
  }

  /**
   * Called when a running call begins to wait for a callback: calls behind it, and nested ones, move to other threads.
   */
  waits(thread: PoolThread): void {
    const { slot } = thread;
    const nested = slot.keyed.takeNested();
    if (nested.length > 0) this.#offers.recall();
    for (const call of nested) {
      call.place = undefined;
      this.#queue.push(call);
    }
    if ((thread.lane.load > 1 && this.#takeBack([thread])) || nested.length > 0) this.spread();
    else this.#relief.check();
    if (thread.lane.isSuspended) this.#weighHopes();
  }

  /**
   * Called when no thread could be started for `slot`: fails the calls of its key; without any thread, all waiting
   * calls.
   */
  refuse(slot: Slot, error: unknown): void {
    if (!slot.thread) for (const call of slot.keyed.calls()) call.abort(error);
    if (this.#threads.slots.some(({ thread }) => thread)) return;
    for (const call of this.#queue.calls()) call.abort(error);
  }

  /** Aborts all calls in the queues with the errors that `errorOf` gives. */
  abortAll(errorOf: (call: Call) => unknown): void {
    for (const queue of [this.#queue, ...this.#threads.places.map(({ keyed }) => keyed)]) {
      for (const call of queue.calls()) call.abort(errorOf(call));
    }
  }

  /** Aborts all calls that have not started, except nested ones, with the errors that `errorOf` gives. */
  abortWaiting(errorOf: (call: Call) => unknown): void {
    const isOutermost = ({ depth }: Call): boolean => depth === 0;
    this.putBack(this.#alive.flatMap((thread) => thread.takeBack()));
    const unsent = [this.#queue, ...this.#threads.places.map(({ keyed }) => keyed)].flatMap((queue) => [
      ...queue.calls(),
    ]);
    // Calls that cannot be taken back can still be aborted.
    const serving = this.#alive.filter(({ isServing }) => isServing);
    const unstarted = serving.flatMap(({ lane }) => lane.calls.all().filter((call) => !lane.standing.hasStarted(call)));
    for (const call of [...unsent, ...unstarted].filter(isOutermost)) call.abort(errorOf(call));
    this.spread();
  }

  /** Checks which queues depend on threads that all wait without a timeout. */
  #weighHopes(): void {
    const isExhausted = this.#relief.isExhausted;
    this.#queue.isHopeless = isExhausted;
    this.#hasHopeless = isExhausted;
    for (const { keyed, thread } of this.#threads.slots) {
      const isLost = thread?.lane.isSuspended === true;
      keyed.isHopeless = isLost;
      this.#hasHopeless ||= isLost;
    }
  }

  #slotOf(place: number): Slot {
    return this.#threads.slots[place] as Slot;
  }

  #queueOf({ place }: Call): CallQueue {
    return place === undefined ? this.#queue : this.#slotOf(place).keyed;
  }

  #line(call: Call): void {
    try {
      call.lent?.keep();
    } catch (error) {
      return call.fail(error);
    }
    if (this.#queue.size === 0) this.#relief.begin();
    call.isOffered = this.#offers.isOfferable(call);
    this.#queueOf(call).push(call);
    this.#grow();
    this.#relief.check();
    this.#offers.fill();
  }

  get #alive(): PoolThread[] {
    return this.#threads.places.flatMap(({ thread }) => thread ?? []);
  }

  #send(slot: Slot, call: Call): void {
    const { thread } = slot;
    if (!thread) return;
    this.#relief.took(slot, call);
    call.holder = thread;
    const { lane } = thread;
    const isFirst = !lane.loads.has(call.definition.id);
    if (isFirst && !this.#placing.secure(call, lane)) return;
    if (!lane.sender.send(call, isFirst)) return;
    if (isFirst && lane.loads.isLoading) this.#placing.hasLoading = true;
    this.#sent(slot, thread);
  }

  /** Called when a brief call was sent to `thread` that it has to run after others, or that may be its last. */
  #sent(slot: Slot, thread: PoolThread): void {
    // Start the replacement now, while the last call runs.
    if (thread.isSpent && !slot.isExtra) this.#threads.replace(slot, 'calls');
    if (thread.lane.load === 2 && thread.lane.calls.areBrief) this.#watch();
  }

  /**
   * Reads results in the middle of a turn that makes many calls, so that further calls can be sent instead of queued.
   */
  #look(): void {
    for (const { lane } of this.#alive) if (lane.calls.areBrief) lane.catchUp();
  }

  /** Puts the calls that have not started back into the queue; gives whether there were any. */
  #takeBack(alive: readonly PoolThread[]): boolean {
    const taken = alive.flatMap((thread) =>
      thread.lane.load > 1 || thread.lane.loads.isLoading ? thread.takeBack() : [],
    );
    return this.putBack(taken) || taken.length > 0;
  }

  /** Starts as many threads as the waiting calls need, all at once. */
  #grow(): void {
    const { slots } = this.#threads;
    if (slots.every(({ thread }) => thread)) return;
    let wanted = this.#queue.size - slots.filter((slot) => isStarting(slot) && slot.keyed.size === 0).length;
    const empty = slots.filter(({ thread, successor }) => !thread && !successor);
    for (const slot of empty) if (slot.keyed.size > 0 || (wanted -= 1) >= 0) this.#threads.start(slot);
  }

  /** Watches for a brief call that takes longer than it used to: the calls behind it move to other threads. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    after(stuckAfter, () => {
      this.#isWatching = false;
      const deep = this.#alive.filter(({ lane }) => lane.load > 1 && lane.calls.areBrief);
      const stuck = deep.filter(({ lane }) => now() - lane.progress >= stuckAfter);
      const isElsewhere = this.#threads.slots.some(({ thread }) => !thread || thread.isFree);
      if (stuck.length > 0 && isElsewhere && this.#takeBack(stuck)) this.spread();
      if (deep.length > 0) this.#watch();
    });
  }

  #refusal(call: Call): OffloopError {
    const text = `Cannot call ${call.name}: ${this.unstarted} calls wait already, and maxQueue is ${this.#options.maxQueue}`;
    return new OffloopError('ERR_OFFLOOP_QUEUE_FULL', text);
  }
}
