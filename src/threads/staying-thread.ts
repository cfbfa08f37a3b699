/** A dedicated thread that outlives its calls, for objects that live in it. @module */

import { Promise } from '../base/intrinsics.ts';
import { OffloopError } from '../base/errors.ts';
import type { Call } from '../call/call.ts';
import { makeExecutor } from '../call/executor.ts';
import type { Executor } from '../call/executor.ts';
import { exitError } from '../wire/exit-error.ts';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import type { Standby } from '../wire/thread-source.ts';
import { OwnThread } from './own-thread.ts';
import type { OwnThreadEnd } from './own-thread.ts';
import { startError } from './start.ts';

/** The state of a staying thread. */
export interface StayingThreadStats {
  /** The thread's id; `undefined` before the first call and after the thread's end. */
  readonly threadId: number | undefined;

  /** How many calls run or wait. */
  readonly queued: number;
}

/**
 * Runs its calls one after the other in one thread, which is started for the first call. Module state that one call
 * leaves behind is there for the next. Once the thread has ended, for any reason, that state is lost: the pending calls
 * and all later ones reject with `ERR_OFFLOOP_WORKER_EXIT`. To go on, make another `StayingThread`.
 *
 * Invariant: all calls run in the same thread.
 */
export class StayingThread implements Executor {
  readonly concurrency = 1;

  /** Resolves once the thread has ended; `undefined` if it was closed before it was started. */
  readonly ended: Promise<ThreadEnd | undefined>;
  readonly #start: () => Standby;
  #thread: OwnThread | undefined;
  #hasRun = false;
  #end: ThreadEnd | undefined;
  #isClosed = false;
  #settle!: (end: ThreadEnd | undefined) => void;
  #idle: (() => void) | undefined;

  /** `start` starts the dedicated thread, when the first call is submitted. */
  constructor(start: () => Standby) {
    this.#start = start;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  submit(call: Call): void {
    if (call.settled) return;
    if (this.#end) return call.fail(exitError(`before it ran ${call.name}`, this.#end));
    if (this.#isClosed) {
      const text = `Cannot call ${call.name}: the thread is closed`;
      return call.fail(new OffloopError('ERR_OFFLOOP_CLOSED', text));
    }
    try {
      this.#thread ??= this.#open();
    } catch (error) {
      return call.fail(startError(error));
    }
    this.#thread.send(call);
  }

  stats(): StayingThreadStats {
    return { threadId: this.#end ? undefined : this.#thread?.threadId, queued: this.#thread?.load ?? 0 };
  }

  /** Whether the thread has ended, or was told to. */
  get hasEnded(): boolean {
    return this.#isClosed || this.#end !== undefined;
  }

  /** Whether a call has begun that was not given up, apart from those that last as long as the thread. */
  get isWanted(): boolean {
    return this.#thread?.isWanted === true;
  }

  /**
   * Refuses further calls with `ERR_OFFLOOP_CLOSED`; resolves once the pending calls are over and the thread has ended.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#thread && this.#thread.load > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.terminate('closed');
    await this.ended;
  }

  /** Terminates the thread at any point of its work. */
  terminate(reason: ThreadEndReason): void {
    this.#isClosed = true;
    if (this.#thread) this.#thread.terminate(reason);
    else this.#settle(undefined);
  }

  #open(): OwnThread {
    const thread = new OwnThread(this.#start(), {
      onIdle: () => {
        this.#hasRun = true;
        this.#idle?.();
      },
      onEnding: () => this.#idle?.(),
    });
    void thread.ended.then((end) => this.#ended(end));
    return thread;
  }

  /**
   * Settles the pending calls. If the thread discarded itself while loading, a new one runs them, leaving out the
   * cause.
   */
  #ended({ left, isDiscarded, ...end }: OwnThreadEnd): void {
    this.#thread = undefined;
    if (isDiscarded && !this.#hasRun && !this.#end) {
      for (const call of left) if (!call.settled) this.#again(call);
      return;
    }
    this.#end = end;
    for (const call of left) call.fail(exitError(`before it ran ${call.name}`, end));
    this.#idle?.();
    this.#settle(end);
  }

  #again(call: Call): void {
    try {
      this.#thread ??= this.#open();
      this.#thread.send(call);
    } catch (error) {
      call.fail(startError(error));
    }
  }
}

makeExecutor(StayingThread);
