/** The options of `run`. @module */

import { constants } from 'node:os';
import { inspect } from 'node:util';
import { argumentError } from '../base/errors.ts';
import { anything, duration, list, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';

/** Options of `run`. */
export interface RunOptions {
  /** Ends the run, which rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;

  /** Handed to the handlers that declare a second parameter, as its `context`. @defaultValue `undefined` */
  context?: unknown;

  /**
   * How long, in milliseconds, ending may take: items in hand after an error, an abort or a signal of the operating system,
   * and then each exit hook. What takes longer is left behind. Above 0. @defaultValue `10_000`
   */
  closeTimeout?: number | undefined;

  /**
   * The signals of the operating system at which the run drains: it asks the sources for no more, handles what they have
   * given, and resolves. The second one ends the process at once; the same one again within 250 ms does not count, since npm
   * sends what it gets to a program that gets it by itself. `[]` for none. @defaultValue `['SIGINT', 'SIGTERM']`
   */
  signals?: readonly NodeJS.Signals[] | undefined;
}

/** The options with their defaults. */
export interface RunPlan {
  readonly signal: AbortSignal | undefined;
  readonly context: unknown;
  readonly closeTimeout: number;
  readonly signals: readonly NodeJS.Signals[];
}

const checks: Readonly<Record<keyof RunOptions, Check>> = {
  signal: signalCheck,
  context: anything,
  closeTimeout: duration,
  signals: list,
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function runPlan(given: RunOptions): RunPlan {
  const options = ownOptions('run', given, checks);
  const { signal, context, closeTimeout = 10_000, signals = ['SIGINT', 'SIGTERM'] } = options;
  for (const name of signals) checkName(name);
  return { signal, context, closeTimeout, signals: [...new Set(signals)] };
}

/** The signals of this system; those of others count as well, so that a program runs on all, and never come. */
const known: ReadonlySet<unknown> = new Set([
  ...Object.keys(constants.signals),
  'SIGBREAK',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
]);

function checkName(name: unknown): void {
  const words =
    name === 'SIGKILL' || name === 'SIGSTOP'
      ? 'names of signals that a process can hear'
      : known.has(name)
        ? undefined
        : 'names of signals';
  if (words) throw argumentError(`Cannot use the option signals of run: expected ${words}, received ${inspect(name)}`);
}
