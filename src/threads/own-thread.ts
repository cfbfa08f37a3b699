/** A dedicated thread and the lane to it: for one call, or for all that somebody has. @module */

import { after } from '../base/clock.ts';
import type { Call } from '../call/call.ts';
import { Lane } from '../call/lane.ts';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import type { Standby } from '../wire/thread-source.ts';
import { endOf } from '../wire/transport.ts';
import { startError } from './start.ts';

/** How long a call that was given up and can know of it may take to end by itself, in milliseconds. */
const grace = 1000;

/** Told of what the thread does. */
export interface OwnThreadListener {
  /** No call is out any more. */
  onIdle(): void;

  /** It was told to end, and takes no call any more. */
  onEnding(): void;

  /** The thread has printed something; without this, it is printed here. */
  readonly onPrint?: (stream: number, chunk: string | Uint8Array) => void;
}

/** What the end of the thread leaves behind. */
export interface OwnThreadEnd extends ThreadEnd {
  /** The calls that it had not started; those that had started were settled. */
  readonly left: readonly Call[];

  /** Whether it has given itself up before the first call began, so that another thread may run that. */
  readonly isDiscarded: boolean;
}

/**
 * Runs calls one after the other, in the order in which they were sent. A call that is given up ends by itself if it can
 * know, within a second; else the thread is ended with it.
 *
 * Invariant: once the thread has been told to end, `onIdle` is not called any more.
 */
export class OwnThread {
  /** Resolves once the thread has ended; native code may keep it for long after it was told to. */
  readonly ended: Promise<OwnThreadEnd>;
  readonly #standby: Standby;
  readonly #lane: Lane;
  readonly #listener: OwnThreadListener;
  #isEnding = false;

  constructor(standby: Standby, listener: OwnThreadListener) {
    const { onPrint } = listener;
    this.#standby = standby;
    this.#listener = listener;
    const lane: Lane = new Lane(endOf(standby.near), {
      ...(onPrint && { onPrint }),
      onProgress: () => this.#rest(),
      onLoss: ({ left, end }) => {
        for (const unstarted of left) unstarted.fail(startError('what was sent to it could not be read'));
        if (end === 'now') this.terminate('unreadable');
      },
    });
    this.#lane = lane;
    lane.attach(standby);
    this.ended = standby.ended.then((end) => ({ ...end, left: lane.end(end), isDiscarded: lane.isDiscarded }));
  }

  /** How many calls are out. */
  get load(): number {
    return this.#lane.load;
  }

  get threadId(): number {
    return this.#standby.threadId;
  }

  /** Sends `call`; says whether it was, which it is not if it cannot cross and was settled therefore. */
  send(call: Call): boolean {
    call.holder = { gone: (given, reason) => this.#gone(given, reason) };
    return this.#lane.send(call);
  }

  /** Ends the thread wherever it is. What was out is settled once it has ended. */
  terminate(reason: ThreadEndReason): void {
    this.#isEnding = true;
    this.#standby.terminate(reason);
    this.#lane.reclaim();
    this.#listener.onEnding();
  }

  #rest(): void {
    if (this.#lane.load === 0 && !this.#isEnding) this.#listener.onIdle();
  }

  /** `call` was given up: if it has not started, only it is taken out of line. */
  #gone(call: Call, reason: unknown): void {
    const lane = this.#lane;
    lane.catchUp();
    for (const other of lane.takeBack()) lane.send(other);
    if (!lane.has(call)) return this.#rest();
    // A call that was told before has had its time.
    if (call.isInterrupted || !lane.interrupt(call, reason)) return this.terminate('aborted');
    after(call.stream?.closeTimeout ?? grace, () => {
      lane.catchUp();
      if (lane.has(call)) this.terminate('aborted');
    });
  }
}
