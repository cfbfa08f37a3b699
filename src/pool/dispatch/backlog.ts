/** The calls of a pool that have not started. @module */

import { OffloopError } from '../../base/errors.ts';
import type { Call } from '../../call/call.ts';
import type { PoolThread, Slot } from '../threads/pool-thread.ts';
import type { PoolThreads } from '../threads/pool-threads.ts';
import { CallQueue } from '../queue.ts';
import type { QueueListener } from '../queue.ts';

/**
 * The queues of a pool, and the calls that wait in its lanes behind others.
 *
 * Invariant: a call that has not started is in one queue or in one lane; those that threads are offered are in the queue.
 */
export class Backlog {
  /** The calls that any thread may run; those of a `key` wait at its place. */
  readonly queue: CallQueue;

  /** How many calls may wait before more are refused. */
  readonly maxQueue: number;

  readonly #threads: PoolThreads;

  constructor(threads: PoolThreads, maxQueue: number, listener: QueueListener) {
    const { offers } = threads;
    this.#threads = threads;
    this.maxQueue = maxQueue;
    this.queue = new CallQueue({
      onSeek: (call) => offers.withdraw(call),
      onForgotten: () => {
        listener.onForgotten();
        offers.fill();
      },
    });
    offers.of(this.queue);
  }

  /** The queue of `call`. */
  of({ place }: Call): CallQueue {
    return place === undefined ? this.queue : (this.#threads.slots[place] as Slot).keyed;
  }

  /** How many calls have not started, in a queue or behind other calls on a lane. */
  get size(): number {
    const { offers, places } = this.#threads;
    offers.settle();
    return places.reduce(
      (sum, { keyed, thread }) => sum + keyed.size + (thread?.lane.standing.waiting ?? 0),
      this.queue.size,
    );
  }

  /** How many more calls can be submitted before one is refused. */
  get room(): number {
    const { maxQueue } = this;
    if (maxQueue === Infinity) return Infinity;
    // One call for each thread that is free, or will be, does not count as waiting.
    const free = this.#threads.slots.filter(({ thread }) => thread?.isBusy !== true).length;
    return Math.max(0, maxQueue + free - this.size);
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    if (this.queue.size > 0) return false;
    // A thread that runs `init` has no call but that.
    const isQuiet = (thread: PoolThread | undefined): boolean => !thread?.isReady || thread.lane.load === 0;
    return this.#threads.places.every(({ keyed, thread }) => keyed.size === 0 && isQuiet(thread));
  }

  /** The calls in the queues. */
  get queued(): Call[] {
    return [this.queue, ...this.#threads.places.map(({ keyed }) => keyed)].flatMap((queue) => [...queue.calls()]);
  }

  /** The calls in the queues, and those in lanes that have not started. */
  get unstarted(): Call[] {
    const serving = this.#threads.present.filter(({ isServing }) => isServing);
    const sent = serving.flatMap(({ lane }) => lane.calls.all().filter((call) => !lane.standing.hasStarted(call)));
    return [...this.queued, ...sent];
  }

  /** Called when there is no room for `call`: fails it. */
  refuse(call: Call): void {
    const text = `Cannot call ${call.name}: ${this.size} calls wait already, and maxQueue is ${this.maxQueue}`;
    call.fail(new OffloopError('ERR_OFFLOOP_QUEUE_FULL', text));
  }

  /**
   * Called when no thread could be started for `slot`: fails the calls of its key; without any thread, all waiting
   * calls.
   */
  giveUp(slot: Slot, error: unknown): void {
    if (!slot.thread) for (const call of slot.keyed.calls()) call.abort(error);
    if (this.#threads.slots.some(({ thread }) => thread)) return;
    for (const call of this.queue.calls()) call.abort(error);
  }
}
