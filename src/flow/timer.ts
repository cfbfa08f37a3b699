/** A source that gives an item at each interval of time. @module */

import type { AsyncItems } from '../base/async-items.ts';
import { duration, kind, ownOptions } from '../base/options.ts';
import { reasonOf, signalCheck } from '../base/signal.ts';
import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { programNow, Timer } from '../streams/timed/timer.ts';

/** Options of `timer`. */
export interface TimerOptions {
  /** Whether the first tick comes at once, or after the first interval. @defaultValue `true` */
  immediate?: boolean | undefined;

  /** Ends the ticks: a pending one, or else the next one, rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;
}

const checks = { immediate: kind('boolean'), signal: signalCheck };

/**
 * Gives the number of the interval, from 0, each `interval` milliseconds, for ever. Ticks that come due while their consumer
 * is busy are one, the last of them, so that none is made up for and the ticks stay on their beat; an immediate first tick is
 * always number 0. Each iteration begins anew with its first `next()`. The time runs on the timers that the program has then,
 * so that fake timers drive it.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `interval` is not above 0 or is infinite, or an option is unknown.
 *
 * @example
 * ```ts
 * handle(timer(1000))(() => console.log(new Date().toLocaleTimeString()));
 * ```
 */
export function timer(interval: number, options: TimerOptions = {}): AsyncIterable<number> {
  const words = duration(interval);
  if (words || interval === Infinity) {
    throw argumentError(
      `Cannot make a timer: expected ${words ?? 'a finite number of milliseconds'}, received ${String(interval)}`,
    );
  }
  const { immediate = true, signal } = ownOptions('timer', options, checks);
  return { [Symbol.asyncIterator]: () => new Ticks(interval, immediate, signal) };
}

type Tick = IteratorResult<number, undefined>;

interface Waiter {
  resolve(tick: Tick): void;
  reject(reason: unknown): void;
}

const over: Tick = { value: undefined, done: true };

/**
 * The ticks of one iteration.
 *
 * Invariant: a timer runs only while somebody waits for a tick.
 */
class Ticks implements AsyncItems<number, undefined> {
  readonly #interval: number;
  readonly #isImmediate: boolean;
  readonly #waiters: Waiter[] = [];
  readonly #forget: (() => void) | undefined;
  #beganAt: number | undefined;

  /** The number of the tick that was given last. */
  #last = -1;
  #timer: Timer | undefined;
  #isOver = false;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(interval: number, isImmediate: boolean, signal: AbortSignal | undefined) {
    this.#interval = interval;
    this.#isImmediate = isImmediate;
    if (!signal) return;
    const abort = (): void => {
      this.#aborted = { reason: reasonOf(signal) };
      this.#end();
    };
    if (signal.aborted) abort();
    else this.#forget = onAbort(signal, abort);
  }

  next(): Promise<Tick> {
    if (this.#isOver) return this.#told();
    // One look at the clock: a process that is held up between two of them would miss the first tick.
    const time = programNow();
    this.#beganAt ??= time + (this.#isImmediate ? 0 : this.#interval);
    const result = new Promise<Tick>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    if (this.#waiters.length === 1) this.#look(time);
    return result;
  }

  async return(): Promise<Tick> {
    this.#end();
    return over;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Gives the tick that is due to the first who waits, and waits for the next one if there are others. */
  #look(time: number): void {
    this.#timer = undefined;
    const since = time - (this.#beganAt ?? time);
    // A timer may fire some microseconds before its time.
    const due = Math.floor((since + 0.5) / this.#interval);
    if (due > this.#last) {
      this.#last = due;
      this.#waiters.shift()?.resolve({ value: due, done: false });
      if (this.#waiters.length === 0) return;
    }
    this.#timer = new Timer(Math.max((this.#last + 1) * this.#interval - since, 1), () => this.#look(programNow()));
    this.#timer.start();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget?.();
    this.#timer?.stop();
    const [first, ...others] = this.#waiters.splice(0);
    const aborted = first && this.#aborted;
    if (aborted) this.#aborted = undefined;
    if (aborted) first.reject(aborted.reason);
    else first?.resolve(over);
    for (const { resolve } of others) resolve(over);
  }

  /** An abort that nobody was told of yet. */
  #told(): Promise<Tick> {
    const aborted = this.#aborted;
    this.#aborted = undefined;
    return aborted ? Promise.reject(aborted.reason) : Promise.resolve(over);
  }
}
