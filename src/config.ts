/** Settings of the whole process. @module */

import { argumentError } from './errors.ts';
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
   * How many calls of `threadedSeparate` may have a thread at once; more wait in line. As many threads more may be ending,
   * kept by native code. A whole number from 1.
   * @defaultValue `16`
   */
  maxWorkers?: number;

  /**
   * How many threads are kept ready for the next calls of `threadedSeparate`, once there was a first one; they load the
   * module of the last call. A whole number from 0. @defaultValue `1`
   */
  spare?: number;

  /**
   * How long a thread may take to start, in milliseconds: until it is ready for calls, before it loads a module for one or
   * runs `init`. One that takes longer is ended, and what waits for it rejects with `ERR_OFFLOOP_BOOT`. Above 0; `Infinity`
   * is no limit. @defaultValue `60_000`
   */
  startTimeout?: number;

  /**
   * How many items a generator may be ahead of its consumer where nothing else is said; see `threadedIterable`.
   * @defaultValue what the environment variable `OFFLOOP_ITERABLE_MAX_SIZE` says, else `1024`
   */
  maxSize?: number;
}

const defaultSize = 1024;

/** The settings in force. */
export const configuration: Required<Configuration> = shared('configuration', () => ({
  inline: process.env['OFFLOOP_INLINE'] === '1',
  view: 'auto' as const,
  maxWorkers: 16,
  spare: 1,
  startTimeout: 60_000,
  maxSize: sizeFrom(process.env['OFFLOOP_ITERABLE_MAX_SIZE']),
}));

/** What is no number of items is as good as not set: a variable must not keep a program from starting. */
function sizeFrom(text: string | undefined): number {
  const size = Number(text?.trim() || defaultSize);
  return isSize(size) ? size : defaultSize;
}

function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isSize(value: unknown): boolean {
  return value === Infinity || isCount(value, 0);
}

const isValid: Readonly<Record<keyof Configuration, (value: unknown) => boolean>> = {
  inline: (value) => typeof value === 'boolean',
  view: (value) => value === 'auto' || value === 'always' || value === 'never',
  maxWorkers: (value) => isCount(value, 1),
  spare: (value) => isCount(value, 0),
  startTimeout: (value) => typeof value === 'number' && value > 0,
  maxSize: isSize,
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
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(isValid, name)) throw argumentError(`Cannot configure: there is no setting "${name}"`);
    const text = `Cannot configure: ${name} cannot be ${String(value)}`;
    if (!isValid[name as keyof Configuration](value)) throw argumentError(text);
  }
  Object.assign(configuration, changes);
}
