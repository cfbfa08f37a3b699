/** Starts the threads of a pool. @module */

import type { Worker } from 'node:worker_threads';
import type { Life } from '../../threads/life.ts';
import { PiscinaThreads } from '../../threads/piscina-threads.ts';
import type { ThreadOptions } from '../../threads/start.ts';
import type { ThreadEndReason } from '../../wire/thread-end.ts';
import type { AliveThreads } from './alive-threads.ts';
import { Pause } from './pause.ts';
import { mostExtras } from './places.ts';
import type { Places } from './places.ts';
import { PoolThread } from './pool-thread.ts';
import type { PoolThreadListener, Slot, ThreadKeeper } from './pool-thread.ts';
import type { MakeCall } from './reserved-calls.ts';
import { forgoSuccessor, isStarting } from './slot.ts';

/** Options of {@link ThreadStarts}. */
export interface ThreadStartsOptions {
  /** The name of the pool. */
  readonly name: string;

  readonly measuresHeap: boolean;
  readonly maxTasksPerThread: number;
  readonly threads: ThreadOptions;
  readonly init: MakeCall | undefined;

  /** Told of threads that start, end and are replaced. */
  readonly life: Life;
}

/** Receives the events of threads, and of their starts. */
export interface ThreadStartsListener extends PoolThreadListener {
  /** Called when the thread of `slot` may take calls. */
  onReady(slot: Slot): void;

  /** Called when threads can be started again, after a pause. */
  onStartable(): void;

  /** Called when no thread could be started for `slot`. */
  onRefusal(slot: Slot, error: unknown): void;
}

/**
 * Starts threads for places.
 *
 * Invariant: no thread is started while more threads are ending than the pool has places, so that threads that never
 * end do not pile up. For extra places, on which other calls wait, the limit is higher by the number of possible
 * extras.
 */
export class ThreadStarts {
  readonly #options: ThreadStartsOptions;
  readonly #places: Places;
  readonly #alive: AliveThreads;
  readonly #keeper: ThreadKeeper;
  readonly #listener: ThreadStartsListener;
  readonly #pause: Pause;
  #piscina: PiscinaThreads | undefined;
  #isStopped = false;

  constructor(
    options: ThreadStartsOptions,
    { places, alive }: { readonly places: Places; readonly alive: AliveThreads },
    keeper: ThreadKeeper,
    listener: ThreadStartsListener,
  ) {
    this.#options = options;
    this.#places = places;
    this.#alive = alive;
    this.#keeper = keeper;
    this.#listener = listener;
    this.#pause = new Pause(() => listener.onStartable());
  }

  /** The present threads, as workers of Piscina. */
  get workers(): readonly Worker[] {
    return this.#piscina?.threads ?? [];
  }

  /** Whether so many threads are ending that none is started for `slot` until one has ended. */
  isCrowded({ isExtra }: Pick<Slot, 'isExtra'>): boolean {
    return this.#alive.areEnding(this.#places.slots.length + (isExtra ? mostExtras : 0));
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

  /** Adds an extra place, and starts its thread as `start` does. */
  addExtra(): void {
    if (this.#isPausing() || this.isCrowded({ isExtra: true })) return;
    this.start(this.#places.addExtra());
  }

  /** Starts as many threads as `waiting` calls for any place, and those for certain places, need: all at once. */
  grow(waiting: number): void {
    const { slots } = this.#places;
    if (slots.every(({ thread }) => thread)) return;
    let wanted = waiting - slots.filter((slot) => isStarting(slot) && slot.keyed.size === 0).length;
    const empty = slots.filter(({ thread, successor }) => !thread && !successor);
    for (const slot of empty) if (slot.keyed.size > 0 || (wanted -= 1) >= 0) this.start(slot);
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

  /** Called when no call waits for a thread any more. */
  stopWaiting(): void {
    this.#pause.letGo();
  }

  /** Starts no more threads. */
  stop(): void {
    this.#isStopped = true;
    this.#pause.stop();
  }

  /** Terminates all workers. */
  destroy(): Promise<void> | undefined {
    return this.#piscina?.destroy();
  }

  #isPausing(): boolean {
    return this.#isStopped || this.#pause.holds();
  }

  #thread(slot: Slot): PoolThread {
    const { measuresHeap, maxTasksPerThread: maxCalls } = this.#options;
    const thread = new PoolThread(slot, { measuresHeap, maxCalls }, this.#keeper, this.#listener);
    this.#alive.add(thread);
    return thread;
  }

  async #open(thread: PoolThread, slot: Slot): Promise<void> {
    const { name, threads, init, life } = this.#options;
    try {
      this.#piscina ??= new PiscinaThreads(name, 3 * (this.#places.slots.length + mostExtras), threads);
      await thread.open(this.#piscina, init);
    } catch (error) {
      return this.#failed(thread, slot, error);
    }
    life.started(thread);
    if (slot.thread === thread) this.#places.taken(slot, thread);
    this.#listener.onReady(slot);
    // Other starts may have failed meanwhile: end the pause for which their calls wait.
    this.#pause.succeeded();
  }

  #failed(thread: PoolThread, slot: Slot, error: unknown): void {
    const isSuccessor = slot.successor === thread;
    this.#places.leave(slot, thread);
    if (!thread.hasThread) this.#alive.remove(thread);
    // The next thread leaves out the statement for which this one discarded itself.
    if (thread.lane.isDiscarded && !this.#isStopped) return this.#startAnew(slot, isSuccessor);
    forgoSuccessor(slot);
    this.#pause.failed();
    if (!this.#isStopped) this.#listener.onRefusal(slot, error);
  }

  #startAnew(slot: Slot, isSuccessor: boolean): void {
    if (isSuccessor) this.replace(slot, slot.thread?.dueFor ?? 'recycled');
    else if (slot.isExtra) this.addExtra();
    else this.start(slot);
  }
}
