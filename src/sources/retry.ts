/** When to connect again: back-off with jitter and a cap. @module */

import { after } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import { count, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { dateAt } from '../base/intrinsics.ts';

/** How a source is connected again. */
export interface RetryOptions {
  /**
   * How many times it is tried again, one after the other, since the last event or ping; a whole number from 0, or `Infinity`.
   * @defaultValue `8`
   */
  attempts?: number | undefined;

  /**
   * How long to wait before the first of them, in milliseconds from 0; before each further one it is twice as long. At random
   * up to half of it is left out, so that many clients do not come at once. A server that says `retry` or `Retry-After` is
   * obeyed, up to a day. @defaultValue `1000`
   */
  delay?: number | undefined;

  /** The longest of these waits, in milliseconds, unless the server asks for more. @defaultValue `30_000` */
  maxDelay?: number | undefined;
}

/** The options with their defaults; `isOn` is whether a source is read on after its end. */
export interface Retry {
  readonly isOn: boolean;
  readonly attempts: number;
  readonly delay: number;
  readonly maxDelay: number;
}

const checks: Readonly<Record<keyof RetryOptions, Check>> = {
  attempts: count(0, { unbounded: true }),
  delay: timeLimit,
  maxDelay: timeLimit,
};

/** The check of the option `retry`; its fields are checked by {@link retryFrom}. */
export const retryCheck: Check = (value) =>
  value === false || (typeof value === 'object' && value !== null) ? undefined : 'an object or false';

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function retryFrom(of: string, given: false | RetryOptions = {}, most = 8): Retry {
  const {
    attempts = most,
    delay = 1000,
    maxDelay = 30_000,
  } = ownOptions(`${of}.retry`, given === false ? { attempts: 0 } : given, checks);
  return { isOn: given !== false, attempts, delay, maxDelay };
}

/** A server that sends `retry: 0` must not be asked without a pause. */
const shortest = 50;

/** A server may ask for a day; what says more is garbage, and would end the source in all but name. */
const longest = 86_400_000;

/** How long to wait after so many `failures`. `asked` is what the server wants between all connections, `after` this once. */
export function delayFor(
  retry: Retry,
  failures: number,
  { asked, retryAfter }: { asked: number | undefined; retryAfter: number },
): number {
  const base = asked === undefined ? retry.delay : Math.min(Math.max(asked, shortest), longest);
  const delay = Math.min(base * 2 ** Math.min(failures - 1, 30), Math.max(retry.maxDelay, base));
  // After the time that the server asks for, since all of its clients were told the same.
  return retryAfter > 0 ? Math.min(retryAfter, longest) + Math.random() * base : delay * (0.5 + Math.random() / 2);
}

/**
 * The milliseconds that a header `Retry-After` asks for: seconds, or a date, which is by the clock of the server. That is told
 * by its header `Date`; without it, the clock here has to do.
 */
export function retryAfterFrom(text: string | null | undefined, date?: string | null): number | undefined {
  if (text === null || text === undefined) return undefined;
  const { parse, now } = dateAt(0).constructor as DateConstructor;
  const there = parse(date ?? '');
  const time = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : parse(text) - (Number.isNaN(there) ? now() : there);
  return Number.isNaN(time) ? undefined : Math.max(time, 0);
}

/** A pause that can be ended. It keeps the process alive. */
export class Pause {
  readonly over: Promise<void>;
  #end!: () => void;
  readonly #later: Later;

  constructor(delay: number) {
    this.over = new Promise((resolve) => (this.#end = resolve));
    this.#later = after(delay, this.#end);
    this.#later.hold();
  }

  end(): void {
    this.#later.cancel();
    this.#end();
  }
}
