/** Calls that wait for a stream. @module */

import { after, Keeper, now } from '../../../base/clock.ts';
import { Promise } from '../../../base/intrinsics.ts';
import { threadState } from '../../../base/realm.ts';
import { timeLimit } from '../../../base/options.ts';
import type { Check } from '../../../base/options.ts';
import { reasonOf, signalCheck, throwIfAborted } from '../../../base/signal.ts';
import { onAbort } from '../../../codec/live/on-abort.ts';
import { signalHere } from '../../../wait/running-call.ts';
import { noOptions, waitedTooLong, waitOptions } from '../../../wait/wait-options.ts';
import type { WaitOptions } from '../../../wait/wait-options.ts';

/** The checks of the options that limit a wait. */
export const waitChecks: Readonly<Record<keyof WaitOptions, Check>> = { timeout: timeLimit, signal: signalCheck };

/** Until when a call may wait: over all its steps. */
export interface Limits {
  readonly timeout: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

const unlimited: Limits = { timeout: Infinity, deadline: Infinity, signal: undefined };

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, or the reason of a signal that is aborted already. */
export function limitsOf(of: string, given: WaitOptions = noOptions): Limits {
  if (given === noOptions) return unlimited;
  const { timeout = Infinity, signal } = waitOptions(of, given);
  throwIfAborted(signal);
  return { timeout, deadline: now() + timeout, signal };
}

interface Waiter {
  /** Gives whether the wait is over. */
  attempt(): boolean;
}

/** Waits of one stream: while there are any, the process lives on. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  readonly #keeper = new Keeper();

  get size(): number {
    return this.#waiting.size;
  }

  /** Lets all who wait try again, in order. */
  serve(): void {
    for (const waiter of this.#waiting) waiter.attempt();
  }

  /** Lets those who wait try again, in order, up to the first for whom it is not time yet. */
  serveInOrder(): void {
    for (const waiter of this.#waiting) if (!waiter.attempt()) return;
  }

  /**
   * Resolves once `attempt` gives anything but `undefined`, which was tried before and is tried after each change;
   * rejects if it throws.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT`; the reason of the signal, or of the running call.
   */
  wait<T>(attempt: () => T | undefined, { timeout, deadline, signal }: Limits, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = signalHere();
      throwIfAborted(call);
      const left = deadline === Infinity ? Infinity : deadline - now();
      if (left <= 0) throw waitedTooLong(what, timeout);
      let stops: (() => void)[] | undefined;
      const leave = (): void => {
        if (stops) for (const stop of stops) stop();
        this.#waiting.delete(waiter);
        if (this.size === 0) this.#keeper.letGo();
      };
      const fail = (reason: unknown): void => {
        leave();
        reject(reason);
      };
      const waiter: Waiter = {
        attempt() {
          try {
            const result = attempt();
            if (result === undefined) return false;
            leave();
            resolve(result);
          } catch (error) {
            fail(error);
          }
          return true;
        },
      };
      // Most waits have no limit.
      if (left !== Infinity || signal || call)
        stops = limit({ left, signals: new Set([signal, call]) }, fail, () => waitedTooLong(what, timeout));
      this.#waiting.add(waiter);
      // Only the main side has to keep its event loop alive: a thread lives until the main side ends it.
      if (!threadState()) this.#keeper.hold();
    });
  }
}

/** Calls `fail` once the time is over or a signal is aborted; gives what calls that off. */
function limit(
  { left, signals }: { readonly left: number; readonly signals: ReadonlySet<AbortSignal | undefined> },
  fail: (reason: unknown) => void,
  late: () => unknown,
): (() => void)[] {
  const stops: (() => void)[] = [];
  if (left !== Infinity) {
    const timer = after(left, () => fail(late()));
    stops.push(() => timer.cancel());
  }
  for (const it of signals) if (it) stops.push(onAbort(it, () => fail(reasonOf(it))));
  return stops;
}
