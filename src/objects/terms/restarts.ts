/** Decides whether an object whose thread has died is started again. @module */

import { now } from '../../base/clock.ts';
import { argumentError } from '../../base/errors.ts';
import { count, duration, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';

/** When an object is started again whose thread has died. */
export interface Restarting {
  /** How often within the time `within`; a whole number from 0. @defaultValue `3` */
  maxRestarts?: number;

  /** In milliseconds; above 0. @defaultValue `60_000` */
  within?: number;
}

/** Checks the option `supervise`. */
export const superviseCheck: Check = (value) => {
  if (typeof value !== 'object' || value === null) return 'an object with maxRestarts and within';
  settingsOf(value);
  return undefined;
};

function settingsOf(given: Restarting): Required<Restarting> {
  const { maxRestarts = 3, within = 60_000 } = ownOptions('supervise', given, {
    maxRestarts: count(0, { unbounded: true }),
    within: duration,
  });
  return { maxRestarts, within };
}

/** Counts restarts. */
export class Restarts {
  readonly #settings: Required<Restarting> | undefined;
  #times: number[] = [];

  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
  constructor(given: Restarting | undefined) {
    if (given !== undefined && typeof given !== 'object')
      throw argumentError(`Cannot use the option supervise: expected an object, received ${typeof given}`);
    this.#settings = given && settingsOf(given);
  }

  /** Whether there may be one more restart now; counts it. */
  mayStart(): boolean {
    if (!this.#settings) return false;
    const { maxRestarts, within } = this.#settings;
    const time = now();
    this.#times = this.#times.filter((earlier) => time - earlier < within);
    if (this.#times.length >= maxRestarts) return false;
    this.#times.push(time);
    return true;
  }
}
