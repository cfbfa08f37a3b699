/** A dedicated thread and the lane to it: for one call, or for a series of calls. @module */

import { after } from '../base/clock.ts';
import type { Call, CallHolder } from '../call/call.ts';
import { Lane } from '../call/lane/lane.ts';
import type { LaneListener } from '../call/lane/lane-listener.ts';
import type { Loss } from '../call/lane/losses.ts';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import type { Standby } from '../wire/thread-source.ts';
import { endOf } from '../wire/transport.ts';
import { startError } from './start.ts';

/** How long a call that was given up, and is told so, may take to end by itself, in milliseconds. */
const grace = 1000;

/** Listens to a dedicated thread. */
export interface OwnThreadListener {
  /** No call is pending any more. */
  onIdle(): void;

  /** The thread was told to end, and takes no more calls. */
  onEnding(): void;

  /** The thread has printed something; without this listener the output is printed here. */
  readonly onPrint?: LaneListener['onPrint'];
}

/** The end of a dedicated thread, with the calls that it leaves behind. */
export interface OwnThreadEnd extends ThreadEnd {
  /** The calls that the thread had not started; those that it had started are settled. */
  readonly left: readonly Call[];

  /** Whether the thread discarded itself before its first call began, so that another thread may run that call. */
  readonly isDiscarded: boolean;
}

/**
 * Runs calls one after the other, in the order in which they were sent. A call that is given up may end by itself
 * within a second if it can notice; otherwise the thread is terminated with it.
 *
 * Invariant: `onIdle` is not called once the thread has been told to end.
 */
export class OwnThread implements CallHolder, LaneListener {
  /** Resolves once the thread has ended; native code may keep it alive long after it was told to end. */
  readonly ended: Promise<OwnThreadEnd>;
  readonly onPrint: LaneListener['onPrint'];
  readonly #standby: Standby;
  readonly #lane: Lane;
  readonly #listener: OwnThreadListener;
  #isEnding = false;

  /** The calls that the thread has left behind, once it has ended, and those that were sent before anybody knew that. */
  #left: Call[] | undefined;

  constructor(standby: Standby, listener: OwnThreadListener) {
    this.#standby = standby;
    this.#listener = listener;
    this.onPrint = listener.onPrint;
    const lane = (this.#lane = new Lane(endOf(standby.near), this));
    lane.attach(standby);
    this.ended = standby.ended.then((end) => ({ ...end, left: this.#end(end), isDiscarded: lane.isDiscarded }));
  }

  /** How many calls are pending. */
  get load(): number {
    return this.#lane.load;
  }

  get threadId(): number {
    return this.#standby.threadId;
  }

  /** Whether a call has begun that was not given up, apart from those that last as long as the thread. */
  get isWanted(): boolean {
    return this.#lane.standing.isWanted;
  }

  /** Sends `call`. Returns `false` if it was not sent: it cannot cross, and was settled for that. */
  send(call: Call): boolean {
    call.holder = this;
    if (!this.#left) return this.#lane.sender.send(call);
    this.#left.push(call);
    return true;
  }

  /** Settles the calls; code that waits for them may send others at once, which nobody would settle. */
  #end(end: ThreadEnd): Call[] {
    const late: Call[] = (this.#left = []);
    const left = this.#lane.recovery.end(end);
    return (this.#left = [...left, ...late]);
  }

  /** Terminates the thread at any point of its work. The pending calls are settled once it has ended. */
  terminate(reason: ThreadEndReason): void {
    this.#isEnding = true;
    this.#standby.terminate(reason);
    this.#lane.recovery.reclaim();
    this.#listener.onEnding();
  }

  onProgress(): void {
    if (this.#lane.load === 0 && !this.#isEnding) this.#listener.onIdle();
  }

  onLoss({ left, end }: Loss): void {
    for (const unstarted of left) unstarted.fail(startError('it could not read the call that was sent to it'));
    if (end === 'now') this.terminate('unreadable');
  }

  /** Gives up `call`. A call that has not started is only taken out of the line. */
  gone(call: Call, reason: unknown): void {
    const lane = this.#lane;
    lane.catchUp();
    for (const other of lane.recovery.takeBack()) lane.sender.send(other);
    if (!lane.calls.has(call)) return this.onProgress();
    if (call.definition.overlaps) return this.#leave(call, reason);
    // A call that has been interrupted before has had its time to end.
    if (call.bridge?.isInterrupted || !lane.interrupt(call, reason)) return this.terminate('aborted');
    after(call.stream?.closeTimeout ?? grace, () => {
      lane.catchUp();
      if (lane.calls.has(call)) this.terminate('aborted');
    });
  }

  /** Gives up `call`, which overlaps with others: the thread ends only if the call keeps it from them. */
  #leave(call: Call, reason: unknown): void {
    const lane = this.#lane;
    lane.interrupt(call, reason);
    const look = (): void =>
      void after(grace, () => {
        lane.catchUp();
        if (!lane.calls.has(call) || call.bridge?.isTold) return;
        if (lane.standing.isStuckIn(call)) this.terminate('aborted');
        else look();
      });
    look();
  }
}
