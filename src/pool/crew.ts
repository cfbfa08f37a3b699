/** The threads of a pool: started when they are needed, set up, replaced, and ended. @module */

import type { Worker } from 'node:worker_threads';
import { after, now } from '../clock.ts';
import type { Later } from '../clock.ts';
import type { Call } from '../lane/call.ts';
import type { ThreadEnd } from '../lane/thread-lender.ts';
import { emptySlot } from './slot.ts';
import type { Slot } from './slot.ts';
import { Station } from './station.ts';
import type { MakeCall, StationListener } from './station.ts';
import { PooledThreads } from './threads.ts';
import type { ThreadOptions } from './start.ts';

/** How the threads of a pool live. */
export interface CrewOptions {
  readonly maxThreads: number;
  readonly grace: number;
  readonly measuresHeap: boolean;
  readonly threads: ThreadOptions;
  readonly init: MakeCall | undefined;
  readonly teardown: MakeCall | undefined;
}

/** Told of what the threads can do. */
export interface CrewListener extends Pick<StationListener, 'onGone'> {
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

/** How long to wait before the next start after one that failed, in milliseconds: twice as long each time. */
const firstPause = 50;
const longestPause = 2000;

/**
 * The places of a pool and who stands there.
 *
 * Invariant: a station that has not ended is at a slot, is the successor of one, or is among `#leaving`.
 */
export class Crew {
  /** The places that keys are given to. */
  readonly slots: readonly Slot[];

  /** Places beside those, for calls that blocked ones wait for. */
  readonly extras: Slot[] = [];

  readonly #options: CrewOptions;
  readonly #listener: CrewListener;
  readonly #leaving = new Set<Station>();
  readonly #onGone: () => void;

  /** Whose end went wrong, and was told of. */
  readonly #told = new WeakSet<Station>();
  #threads: PooledThreads | undefined;
  #failures = 0;
  #retryAt = 0;
  #retry: Later | undefined;
  #isClosed = false;

  /** `onGone` is called when a call that waits for one place was given up. */
  constructor(options: CrewOptions, listener: CrewListener, onGone: () => void) {
    this.#options = options;
    this.#listener = listener;
    this.#onGone = onGone;
    const isOnly = options.maxThreads === 1;
    this.slots = Array.from({ length: options.maxThreads }, () => emptySlot(onGone, { isOnly }));
  }

  /** The threads that are there, as Piscina knows them. */
  get workers(): readonly Worker[] {
    return this.#threads?.threads ?? [];
  }

  /** All places. */
  get places(): readonly Slot[] {
    return this.extras.length === 0 ? this.slots : [...this.slots, ...this.extras];
  }

  /** All threads that are there or starting. */
  get stations(): Station[] {
    const placed = this.places.flatMap(({ station, successor }) => [station, successor]);
    return [...placed.filter((station) => station !== undefined), ...this.#leaving];
  }

  /** Starts a thread for `slot` if it has none. In the pause after a start that failed, `onStartable` is called later. */
  start(slot: Slot): void {
    if (slot.station || slot.successor || this.#isPausing()) return;
    const station = (slot.station = this.#station(slot));
    void this.#open(station, slot);
  }

  /** No call waits for a thread any more. */
  stopWaiting(): void {
    this.#retry?.letGo();
  }

  /** Adds a place beside the others and starts its thread, as `start` does. */
  addExtra(): void {
    if (this.#isPausing()) return;
    const slot = emptySlot(this.#onGone, { isExtra: true });
    this.extras.push(slot);
    this.start(slot);
  }

  /** Starts another thread for `slot`; once it is ready, and the one that stands there is free, it takes over. */
  replace(slot: Slot): void {
    if (slot.successor || this.#isPausing()) return;
    const successor = (slot.successor = this.#station(slot));
    void this.#open(successor, slot);
  }

  /** Lets the successor of `slot`, if it is ready, take the place of a thread that is free or gone. */
  takeOver(slot: Slot): void {
    const { station, successor } = slot;
    if (!successor?.isReady || (station && station.lane.load > 0)) return;
    slot.station = successor;
    slot.successor = undefined;
    if (station) void this.#leave(station);
    this.#listener.onReady(slot);
  }

  /** Ends the thread of `slot`, which is free, after its teardown. */
  async release(slot: Slot): Promise<void> {
    const { station } = slot;
    if (!station) return;
    slot.station = undefined;
    this.#removeExtra(slot);
    await this.#leave(station);
  }

  /** Lets every thread, all of them free, run its teardown and end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.cancel();
    await Promise.all(this.stations.map(async (station) => this.#leave(station)));
    await this.#threads?.destroy();
  }

  /** Ends every thread. */
  async terminate(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.cancel();
    for (const station of this.stations) station.isEnding = true;
    await this.#threads?.destroy();
  }

  #isPausing(): boolean {
    if (this.#isClosed) return true;
    const left = this.#retryAt - now();
    if (left <= 0) return false;
    this.#retry?.hold();
    return true;
  }

  #retryLater(): void {
    this.#retry = after(this.#retryAt - now(), () => {
      this.#retry = undefined;
      this.#retryAt = 0;
      this.#listener.onStartable();
    });
  }

  #station(slot: Slot): Station {
    const listener = this.#listener;
    const { measuresHeap } = this.#options;
    return new Station(
      { measuresHeap },
      {
        onProgress: (station) => listener.onProgress(slot, station),
        onWait: (station) => listener.onWait(slot, station),
        onGone: (station, call, reason) => listener.onGone(station, call, reason),
        onEnd: (station, end) => this.#ended(slot, station, end),
      },
    );
  }

  async #open(station: Station, slot: Slot): Promise<void> {
    const { maxThreads, threads, init } = this.#options;
    try {
      this.#threads ??= new PooledThreads(2 * maxThreads + mostExtras, threads);
      await station.open(this.#threads, init);
    } catch (error) {
      if (slot.station === station) slot.station = undefined;
      if (slot.successor === station) slot.successor = undefined;
      this.#removeExtra(slot);
      // Those that were started beside it fail for the same reason, and count once.
      if (now() >= this.#retryAt) {
        this.#retryAt = now() + Math.min(longestPause, firstPause * 2 ** this.#failures);
        this.#failures += 1;
        this.#retryLater();
      }
      if (this.#isClosed) return;
      return this.#listener.onRefusal(slot, error);
    }
    const wasPausing = this.#retry !== undefined;
    this.#failures = 0;
    this.#retryAt = 0;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#listener.onReady(slot);
    // Others may have failed, and wait for the end of a pause that is over now.
    if (wasPausing) this.#listener.onStartable();
  }

  async #leave(station: Station): Promise<void> {
    if (station.isReady) this.#leaving.add(station);
    try {
      await station.retire(this.#options.teardown, this.#options.grace);
    } catch (error) {
      if (!this.#told.has(station)) this.#listener.onIncident(error);
      this.#told.add(station);
    }
  }

  #ended(slot: Slot, station: Station, end: ThreadEnd): void {
    this.#leaving.delete(station);
    if (slot.successor === station) slot.successor = undefined;
    if (slot.station === station) slot.station = undefined;
    this.#listener.onEnd(station, end, station.lane.end(end));
    this.takeOver(slot);
    this.#removeExtra(slot);
  }

  #removeExtra(slot: Slot): void {
    const at = this.extras.indexOf(slot);
    if (at >= 0 && !slot.station) this.extras.splice(at, 1);
  }
}
