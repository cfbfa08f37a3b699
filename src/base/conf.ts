/** Defaults that a program gives once, for what is made after it. @module */

import { argumentError } from './errors.ts';
import { bare } from './options.ts';
import { shared } from './realm.ts';

/** Values by their names. */
export type ConfValues = Readonly<Record<string, unknown>>;

/** Merges `values` into the defaults; gives them all, as they are now. */
export type Conf = (values?: ConfValues) => ConfValues;

/**
 * Makes defaults of their own, which begin empty.
 *
 * @example
 * ```ts
 * const settings = createConf();
 * settings({ group: 'demo' });
 * ```
 */
export function createConf(): Conf {
  let current: ConfValues = Object.freeze(bare({}));
  return (values = {}) => {
    if (typeof values !== 'object' || values === null)
      throw argumentError(
        `Cannot set defaults: expected an object, received ${values === null ? 'null' : typeof values}`,
      );
    const changes = Object.entries(values);
    if (changes.length === 0) return current;
    const merged: Record<string, unknown> = bare(current);
    for (const [name, value] of changes) {
      if (value === undefined) delete merged[name];
      else merged[name] = value;
    }
    current = Object.freeze(merged);
    return current;
  };
}

/**
 * Merges `values` into the defaults of the program, later ones over earlier ones; `undefined` takes a default away. Gives the
 * defaults as they are now, frozen: what is made reads them once, so that a later call changes nothing for it.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `values` is not an object.
 *
 * @example
 * ```ts
 * conf({ group: 'demo' });
 * conf({ start: 'first' });
 * conf(); // { group: 'demo', start: 'first' }
 * ```
 */
export const conf: Conf = shared('conf', createConf);
