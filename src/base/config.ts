/** Settings of the whole process. @module */

import { count, duration, kind, oneOf, ownOptions } from './options.ts';
import type { Check } from './options.ts';
import { shared } from './realm.ts';

/** When a thread loads a slice of a module, the worker view, instead of the whole module. */
export type ViewMode = 'auto' | 'always' | 'never';

/** Options of {@link configure}; a field that is left out keeps its value. */
export interface Configuration {
  /**
   * Runs every call on the calling thread, through the same copying of values, for stepping in a debugger and for unit
   * tests. @defaultValue `true` if the environment variable `OFFLOOP_INLINE` is `1`, else `false`
   */
  inline?: boolean;

  /**
   * `auto`: the program's entry and the running test file are sliced, and modules that throw when loaded whole.
   * `always`: every module that has wrapped functions. `never`: none. @defaultValue `'auto'`
   */
  view?: ViewMode;

  /**
   * How many calls of `threadedSeparate` may have a thread at once; further calls wait in line. Up to as many threads
   * again may still be ending, because native code keeps them. A whole number from 1.
   * @defaultValue `16`
   */
  maxWorkers?: number;

  /**
   * How many threads are kept ready for the next calls of `threadedSeparate`, once there was a first one; they load the
   * module of the last call. A whole number from 0. @defaultValue `1`
   */
  spare?: number;

  /**
   * How long a thread may take to become ready for calls, in milliseconds; loading a call's module and running `init`
   * are not counted. A thread that takes longer is ended, and the calls that wait for it reject with
   * `ERR_OFFLOOP_BOOT`. Above 0; `Infinity` is no limit. @defaultValue `60_000`
   */
  startTimeout?: number;

  /**
   * How many items a generator may be ahead of its consumer if the wrapper sets no `maxSize`; see `threadedIterable`.
   * @defaultValue the environment variable `OFFLOOP_ITERABLE_MAX_SIZE`, else `1024`
   */
  maxSize?: number;
}

const defaultSize = 1024;
const sizeCheck = count(0, { unbounded: true });

/** The current settings. */
export const configuration: Required<Configuration> = shared('configuration', () => ({
  inline: process.env['OFFLOOP_INLINE'] === '1',
  view: 'auto' as const,
  maxWorkers: 16,
  spare: 1,
  startTimeout: 60_000,
  maxSize: sizeFrom(process.env['OFFLOOP_ITERABLE_MAX_SIZE']),
}));

/** An invalid size is ignored: an environment variable must not keep a program from starting. */
function sizeFrom(text: string | undefined): number {
  const given = Number(text?.trim() || defaultSize);
  return sizeCheck(given) === undefined ? given : defaultSize;
}

const checks: Readonly<Record<keyof Configuration, Check>> = {
  inline: kind('boolean'),
  view: oneOf('auto', 'always', 'never'),
  maxWorkers: count(1),
  spare: count(0),
  startTimeout: duration,
  maxSize: sizeCheck,
};

/**
 * Changes settings of the whole process, for the calls made from then on.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if a name is unknown or a value is not one of those allowed.
 *
 * @example
 * ```ts
 * configure({ inline: true });
 * ```
 */
export function configure(changes: Configuration): void {
  const given = Object.entries(ownOptions('configure', changes, checks));
  Object.assign(configuration, Object.fromEntries(given.filter(([, value]) => value !== undefined)));
}
