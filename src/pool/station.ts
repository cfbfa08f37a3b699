/** One thread of a pool, from its start to its end. @module */

import { after, now } from '../clock.ts';
import type { Call, CallHolder } from '../lane/call.ts';
import { Cell } from '../lane/messages.ts';
import type { LaneOffer } from '../lane/messages.ts';
import { Lane } from '../lane/lane.ts';
import { wireEnds } from '../lane/wire.ts';
import type { ThreadEnd } from '../lane/thread-lender.ts';
import type { PooledThreads, Thread } from './threads.ts';

/** Told of what happens at a station. */
export interface StationListener {
  /** Calls may have been answered. */
  onProgress(station: Station): void;

  /** The running call waits for a callback. */
  onWait(station: Station): void;

  /** A call that was sent was given up. */
  onGone(station: Station, call: Call, reason: unknown): void;

  /** The thread has ended, after it was ready. */
  onEnd(station: Station, end: ThreadEnd): void;
}

/** How a station is made. */
export interface StationOptions {
  /** Whether the thread is to say how much of its heap it uses. */
  readonly measuresHeap: boolean;
}

/** Makes a call that is run by one station; its promise never rejects unheard. */
export type MakeCall = () => Call;

/**
 * A lane and the thread behind it.
 *
 * Invariant: from `isEnding` on no call is sent.
 */
export class Station implements CallHolder {
  readonly lane: Lane;

  /** Whether it takes calls: its thread has started and is set up. */
  isReady = false;

  /** The thread has been told to end. */
  isEnding = false;

  /** What the thread has loaded is stale: it ends as soon as it is free. */
  isStale = false;

  /** When it became ready. */
  readySince = 0;

  readonly #listener: StationListener;
  readonly #far: LaneOffer;
  #thread: Thread | undefined;
  #hasEnded = false;
  #prepared = 0;
  #retired: Promise<void> | undefined;

  constructor({ measuresHeap }: StationOptions, listener: StationListener) {
    this.#listener = listener;
    const { near, far } = wireEnds();
    if (measuresHeap) far.control[Cell.heap] = 1;
    this.#far = far;
    this.lane = new Lane(near, {
      onProgress: () => listener.onProgress(this),
      onWait: () => listener.onWait(this),
      onSpoilt: () => (this.isStale = true),
      onLoss: () => this.terminate(),
    });
  }

  /** How many calls it has answered, but for its own. */
  get served(): number {
    return this.lane.answered - this.#prepared;
  }

  /** Whether a call can be sent at once. */
  get isFree(): boolean {
    return this.isReady && !this.isEnding && this.lane.load === 0 && !this.lane.isLoading;
  }

  /** Whether a call runs in its thread, and the thread will have time for another one only after it. */
  get isBusy(): boolean {
    return this.isReady && !this.isEnding && this.lane.load > 0;
  }

  /** Whether its running call waits for what only another call or the main side can bring about. */
  get isBlocked(): boolean {
    return this.isBusy && this.lane.isBlocked;
  }

  /**
   * Starts the thread and lets it run `init` first.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if the thread could not be started; or what `init` throws.
   */
  async open(threads: PooledThreads, init: MakeCall | undefined): Promise<void> {
    const { lane } = this;
    lane.hold();
    try {
      this.#thread = await threads.start(this.#far, (end) => this.#ended(end));
      lane.attach(this.#thread);
      if (this.isEnding) throw new Error('it is not needed any more');
      if (init) await this.#run(init());
      this.isReady = true;
      this.#prepared = lane.answered;
      this.readySince = now();
    } catch (error) {
      if (!this.#thread) lane.close();
      this.terminate();
      throw error;
    } finally {
      lane.release();
    }
  }

  /** Lets the thread run `teardown`, for `deadline` milliseconds at the most, and ends it. No call may be out. */
  retire(teardown: MakeCall | undefined, deadline: number): Promise<void> {
    return (this.#retired ??= this.#retire(teardown, deadline));
  }

  async #retire(teardown: MakeCall | undefined, deadline: number): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    const timer = after(deadline, () => this.terminate());
    try {
      if (teardown && this.isReady) await this.#run(teardown());
    } finally {
      timer.cancel();
      this.terminate();
    }
  }

  /** Ends the thread wherever it is. */
  terminate(): void {
    this.isEnding = true;
    this.#thread?.terminate();
    this.#thread = undefined;
  }

  gone(call: Call, reason: unknown): void {
    this.#listener.onGone(this, call, reason);
  }

  async #run(call: Call): Promise<void> {
    if (this.#hasEnded) throw new Error('it ended at once');
    this.lane.send(call);
    await call.promise;
  }

  #ended(end: ThreadEnd): void {
    this.#hasEnded = true;
    if (this.isReady) this.#listener.onEnd(this, end);
    else this.lane.end(end);
  }
}
