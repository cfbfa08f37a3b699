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
import type { Slot } from './slot.ts';
import { Station } from './station.ts';
import type { MakeCall, StationListener } from './station.ts';
import { PooledThreads } from '../threads/pooled.ts';
import type { ThreadOptions } from '../threads/start.ts';

/** How the threads of a pool live. */
export interface CrewOptions {
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

/** Told of what the threads can do. */
export interface CrewListener extends Pick<StationListener, 'onGone' | 'onEnding' | 'onLeft'> {
  /** The running call of `station`, at `slot`, waits for a callback. */
  onWait(slot: Slot, station: Station): void;

  /** A thread may take calls. */
  onReady(slot: Slot): void;

  /** Calls at `slot` may have been answered. */
  onProgress(slot: Slot, station: Station): void;

  /** A thread has ended; `left` are the calls that it had not started. */
  onEnd(station: Station, end: ThreadEnd, left: Call[]): void;

  /** Threads can be started again. */
  onStartable(): void;

  /** No thread could be started for `slot`. */
  onRefusal(slot: Slot, error: unknown): void;

  /** Something failed that no call is told of. */
  onIncident(error: unknown): void;
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
export class Crew {
  /** The places that keys are given to. */
  readonly slots: readonly Slot[];

  /** Places beside those, for calls that blocked ones wait for. */
  readonly extras: Slot[] = [];

  readonly #options: CrewOptions;
  readonly #listener: CrewListener;
  readonly #onGone: () => void;

  /** All that have not ended. */
  readonly #stations = new Set<Station>();

  /** The pool was terminated. */
  readonly #terminated = new Latch();

  /** Opens when the last thread has ended. */
  #empty: Latch | undefined;
  #over: Promise<void> | undefined;
  #threads: PooledThreads | undefined;
  readonly #pause: Pause;
  #isClosed = false;

  /** `onGone` is called when a call that waits for one place was given up. */
  constructor(options: CrewOptions, listener: CrewListener, onGone: () => void) {
    this.#options = options;
    this.#listener = listener;
    this.#onGone = onGone;
    this.#pause = new Pause(() => listener.onStartable());
    const isOnly = options.maxThreads === 1;
    this.slots = Array.from({ length: options.maxThreads }, (_, i) => emptySlot(onGone, { number: i + 1, isOnly }));
  }

  /** The threads that are there, as Piscina knows them. */
  get workers(): readonly Worker[] {
    return this.#threads?.threads ?? [];
  }

  /** All places. */
  get places(): readonly Slot[] {
    return this.extras.length === 0 ? this.slots : [...this.slots, ...this.extras];
  }

  /** All threads that are there, starting or ending. */
  get stations(): Station[] {
    return [...this.#stations];
  }

  /** Whether no thread is started for `slot` until one of those that are ending has ended. */
  isCrowded({ isExtra }: Slot): boolean {
    const most = this.#options.maxThreads + (isExtra ? mostExtras : 0);
    return this.#stations.size > most && this.stations.filter(({ isEnding }) => isEnding).length > most;
  }

  /**
   * Starts a thread for `slot` if it has none. In the pause after a start that failed, `onStartable` is called later; while
   * too many are ending, `onEnd` is.
   */
  start(slot: Slot): void {
    if (slot.station || slot.successor || this.#isPausing() || this.isCrowded(slot)) return;
    const station = (slot.station = this.#station(slot));
    void this.#open(station, slot);
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
    const slot = emptySlot(this.#onGone, { number, isExtra: true });
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
    if (slot.station) slot.station.dueFor = reason;
    const successor = (slot.successor = this.#station(slot));
    void this.#open(successor, slot);
  }

  /** Lets the successor of `slot`, if it is ready, take the place of a thread that is free or gone. */
  takeOver(slot: Slot): void {
    const { station, successor } = slot;
    if (!successor?.isReady || (station && station.lane.load > 0)) return;
    if (station) void this.#dismiss(slot, station, station.dueFor ?? 'recycled');
    slot.station = successor;
    slot.successor = undefined;
    this.#arrived(slot, successor);
    this.#listener.onReady(slot);
  }

  /** Ends the thread of `slot`, which is free, after its teardown. */
  async release(slot: Slot, reason: ThreadEndReason): Promise<void> {
    const { station } = slot;
    if (!station) return;
    const retired = this.#dismiss(slot, station, reason);
    this.#removeExtra(slot);
    await retired;
  }

  /**
   * Replaces the threads that are there, each once another one is ready and it is free; those that cannot be replaced so
   * are stale. Resolves when all of them have ended, or a second after the last one was told to.
   */
  async recycle(): Promise<void> {
    const { stations } = this;
    for (const slot of this.places) {
      const { station, successor } = slot;
      if (successor) successor.isStale = true;
      if (station?.isServing && !slot.isExtra) this.replace(slot, 'recycled');
      if (station && !slot.successor) station.isStale = true;
    }
    await Promise.all(stations.map(({ left }) => left.opened));
    await soon(Promise.all(stations.map(({ over }) => over.opened)));
  }

  /** Lets every thread, all of them free, run its teardown and end; resolves as {@link terminate} does. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pause.stop();
    const retired = Promise.all(this.stations.map(async (station) => this.#retire(station, 'closed')));
    await Promise.race([retired, this.#terminated.opened]);
    await this.#end();
  }

  /** Ends every thread. Resolves when all have ended, or after a second if native code keeps one. */
  async terminate(): Promise<void> {
    this.#isClosed = true;
    this.#pause.stop();
    for (const station of this.#stations) {
      station.isEnding = true;
      station.endReason ??= 'closed';
      station.left.open();
      station.lane.reclaim();
    }
    this.#terminated.open();
    await this.#end();
  }

  #end(): Promise<void> {
    return (this.#over ??= this.#endAll());
  }

  async #endAll(): Promise<void> {
    await soon(Promise.all([this.#threads?.destroy(), this.#emptied()]));
  }

  async #emptied(): Promise<void> {
    if (this.#stations.size === 0) return;
    this.#empty = new Latch();
    await this.#empty.opened;
  }

  #remove(station: Station): void {
    this.#stations.delete(station);
    station.over.open();
    if (this.#stations.size === 0) this.#empty?.open();
  }

  #isPausing(): boolean {
    return this.#isClosed || this.#pause.holds();
  }

  #station(slot: Slot): Station {
    const listener = this.#listener;
    const { measuresHeap, maxTasksPerThread } = this.#options;
    const station = new Station(
      { number: slot.number, measuresHeap, maxCalls: maxTasksPerThread },
      {
        onProgress: (station) => listener.onProgress(slot, station),
        onWait: (station) => listener.onWait(slot, station),
        onGone: (station, call, reason) => listener.onGone(station, call, reason),
        onLeft: (station, calls) => listener.onLeft(station, calls),
        onEnding: (station) => this.#vacate(slot, station),
        onEnd: (station, end) => this.#ended(slot, station, end),
        onFailure: (error) => listener.onIncident(error),
      },
    );
    this.#stations.add(station);
    return station;
  }

  async #open(station: Station, slot: Slot): Promise<void> {
    const { maxThreads, threads, init } = this.#options;
    try {
      this.#threads ??= new PooledThreads(3 * (maxThreads + mostExtras), threads);
      await station.open(this.#threads, init);
    } catch (error) {
      const isSuccessor = slot.successor === station;
      this.#leave(slot, station);
      if (!station.hasThread) this.#remove(station);
      // What it was about to do again, the next one knows to leave out.
      if (station.lane.isDiscarded && !this.#isClosed) return this.#startAnew(slot, isSuccessor);
      this.#forgo(slot);
      this.#pause.failed();
      if (this.#isClosed) return;
      return this.#listener.onRefusal(slot, error);
    }
    this.#options.life.started(station);
    if (slot.station === station) this.#arrived(slot, station);
    this.#listener.onReady(slot);
    // Others may have failed, and wait for the end of a pause that is over now.
    this.#pause.succeeded();
  }

  #startAnew(slot: Slot, isSuccessor: boolean): void {
    if (isSuccessor) this.replace(slot, slot.station?.dueFor ?? 'recycled');
    else if (slot.isExtra) this.addExtra();
    else this.start(slot);
  }

  /** Lets `station`, which is free, leave `slot`, run its teardown and end. */
  async #dismiss(slot: Slot, station: Station, reason: ThreadEndReason): Promise<void> {
    slot.station = undefined;
    slot.before = { threadId: station.threadId, reason };
    await this.#retire(station, reason);
  }

  async #retire(station: Station, reason: ThreadEndReason): Promise<void> {
    await station.retire(this.#options.teardown, this.#options.grace, reason);
  }

  /** `station` takes the calls of `slot` from now on. */
  #arrived(slot: Slot, station: Station): void {
    const { before } = slot;
    slot.before = undefined;
    // Who comes when there is need again replaces nobody.
    if (before && before.reason !== 'idle') this.#options.life.replaced(station, before);
  }

  /** The thread of `station` was told to end. */
  #vacate(slot: Slot, station: Station): void {
    this.#leave(slot, station, station.endReason);
    this.#listener.onEnding(station);
    this.takeOver(slot);
  }

  #ended(slot: Slot, station: Station, end: ThreadEnd): void {
    this.#remove(station);
    // Who waits for it to be ready is told.
    if (!station.isReady) return void station.finish(end);
    const reason = endReason(station.endReason, end, station.lane.isDiscarded);
    this.#leave(slot, station, reason);
    this.#forgo(slot);
    this.#listener.onEnd(station, end, station.finish(end));
    this.#options.life.ended(station, reason, end);
    this.takeOver(slot);
  }

  /** A thread that is to be recycled is not kept for want of another one. */
  #forgo({ station, successor }: Slot): void {
    if (station?.dueFor === 'recycled' && !successor) station.isStale = true;
  }

  /** `station` stands at `slot` no more; `reason` says why, if it had stood there. */
  #leave(slot: Slot, station: Station, reason?: ThreadEndReason): void {
    if (slot.successor === station) slot.successor = undefined;
    if (slot.station === station) {
      slot.station = undefined;
      if (reason) slot.before = { threadId: station.threadId, reason };
    }
    this.#removeExtra(slot);
  }

  #removeExtra(slot: Slot): void {
    const at = this.extras.indexOf(slot);
    if (at >= 0 && !slot.station) this.extras.splice(at, 1);
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
