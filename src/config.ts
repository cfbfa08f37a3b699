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
}

/** The settings in force. */
export const configuration: Required<Configuration> = shared('configuration', () => ({
  inline: process.env['OFFLOOP_INLINE'] === '1',
  view: 'auto' as const,
}));

const views: readonly unknown[] = ['auto', 'always', 'never'];

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
    const valid = name === 'inline' ? typeof value === 'boolean' : name === 'view' && views.includes(value);
    if (!(name in configuration)) throw argumentError(`Cannot configure: there is no setting "${name}"`);
    if (!valid) throw argumentError(`Cannot configure: ${name} cannot be ${String(value)}`);
  }
  Object.assign(configuration, changes);
}
