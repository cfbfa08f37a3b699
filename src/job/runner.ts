/** Runs the calls of a thread, one at a time, and answers them. @module */

import { now } from '../base/clock.ts';
import { isThenable } from '../base/thenable.ts';
import { isPrimitive } from '../codec/quick/look.ts';
import { outside } from '../context/here.ts';
import type { ListenerContext } from '../context/listener-context.ts';
import type { UpRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import type { Callee, Job } from './job.ts';
import { Overlaps } from './overlaps.ts';

/** How long results may wait to be gathered with others, in milliseconds of run time. */
const longestWait = 0.1;

/** What a runner needs of the thread's end of a lane. */
export interface RunnerHooks {
  readonly control: Int32Array;
  readonly outbox: Outbox<UpRecord>;

  /** The first call in the queue. */
  readonly arrivals: { readonly next: Job | undefined };

  /** Gives the error to send for `thrown`, which the function `id` threw. */
  explain(thrown: unknown, id: number): unknown;

  /** Lets the event loop turn before the next call in the queue. */
  turnFirst(): void;

  /** Goes on with the queue after a call that did not end synchronously. */
  drain(): void;
}

/**
 * Runs calls that were claimed.
 *
 * Invariant: at most one call runs; `running` is that call until its answer is in the outbox.
 */
export class Runner {
  running: Job | undefined;

  /**
   * The context in which a function may run as it is: that of the port, for a call that arrived alone. In a loop that V8 has
   * compiled, a look at what is on the port (0.2 µs) costs more than a resource for each call (0.03 µs).
   */
  listening: ListenerContext | undefined;

  /** Whether a call has been left to its promise since this was last set to `false`. */
  hasLeft = false;

  /** The calls that wait for promises while the thread goes on with others. */
  readonly overlaps: Overlaps<Job>;

  readonly #hooks: RunnerHooks;

  /** The time at which the oldest waiting result was added to the outbox; `Infinity` if none waits. */
  #waitsSince = Infinity;

  constructor(hooks: RunnerHooks) {
    this.#hooks = hooks;
    this.overlaps = new Overlaps<Job>(hooks.control, hooks.outbox, () => this.flush());
  }

  /**
   * Runs `job`, which begins at the time `begin`; gives the time at which it ended, or `undefined` if it is still
   * running.
   */
  run(job: Job, callee: Callee, begin: number): number | undefined {
    const hooks = this.#hooks;
    const { listening } = this;
    this.running = job;
    let end: number | undefined;
    const { overlaps: isOverlapping } = callee.target;
    if (isOverlapping) this.overlaps.occupy(job);
    try {
      const value = job.invoke(callee, listening);
      const isPlain = isPrimitive(value);
      if (!isPlain && isThenable(value)) {
        if (isOverlapping) return this.#leave(job, callee, value, begin);
        if (listening?.lasts === true) outside(() => void this.#finishLater(job, callee, value, begin));
        else void this.#finishLater(job, callee, value, begin);
        return undefined;
      }
      end = now();
      if (isPlain && hooks.arrivals.next === undefined && job.answerPlain(value, end - begin))
        this.#waitsSince = Infinity;
      else if (job.answer(value, end - begin, callee) && this.#waitsSince === Infinity) this.#waitsSince = end;
    } catch (thrown) {
      end ??= now();
      this.fail(job, thrown, end - begin);
    }
    // As `finish`.
    this.running = undefined;
    job.end();
    if (!job.isBrief) hooks.turnFirst();
    return end;
  }

  /** Answers `job` with the error `thrown`, after it ran for `time` milliseconds. */
  fail(job: Job, thrown: unknown, time: number): void {
    job.fail(this.#hooks.explain(thrown, job.functionId), time);
    if (this.#waitsSince === Infinity) this.#waitsSince = now();
  }

  /** Called when `job` was answered. */
  finish(job: Job): void {
    this.running = undefined;
    job.end();
    // Timers and sockets of the thread, and work that the call left behind, get their turn before the next call.
    if (!job.isBrief) this.#hooks.turnFirst();
  }

  /** Sends the results that wait, if the oldest has waited for too long at the time `at`. */
  flushAt(at: number): void {
    if (at - this.#waitsSince > longestWait) this.flush();
  }

  /** Sends the results that wait. */
  flush(): void {
    this.#waitsSince = Infinity;
    this.#hooks.outbox.flush();
  }

  /** Lets `job` wait for its promise while other calls run; gives the time. */
  #leave(job: Job, callee: Callee, value: PromiseLike<unknown>, begin: number): number {
    this.overlaps.leave(job);
    this.hasLeft = true;
    this.running = undefined;
    if (this.listening?.lasts === true) outside(() => void this.#finishApart(job, callee, value, begin));
    else void this.#finishApart(job, callee, value, begin);
    if (!job.isBrief) this.#hooks.turnFirst();
    return now();
  }

  async #finishApart(job: Job, callee: Callee, value: PromiseLike<unknown>, begin: number): Promise<void> {
    try {
      this.#answer(job, callee, await value, now() - begin);
    } catch (thrown) {
      this.fail(job, thrown, now() - begin);
    }
    this.overlaps.finish(job);
  }

  async #finishLater(job: Job, callee: Callee, value: PromiseLike<unknown>, begin: number): Promise<void> {
    this.flush();
    try {
      this.#answer(job, callee, await value, now() - begin);
    } catch (thrown) {
      this.fail(job, thrown, now() - begin);
    }
    this.finish(job);
    this.flush();
    this.#hooks.drain();
  }

  #answer(job: Job, callee: Callee, value: unknown, time: number): void {
    if (job.answer(value, time, callee) && this.#waitsSince === Infinity) this.#waitsSince = now();
  }
}
