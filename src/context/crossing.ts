/** The options that say how the values of variables and stores are copied to a thread. @module */

import { kind, oneOf } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { argumentError } from '../base/errors.ts';
import type { Crossing } from './variables.ts';

/** How the values of a variable or a store are copied to a thread. */
export interface CrossingOptions<T> {
  /**
   * Returns what is copied to the thread in place of the value; called at each call. @defaultValue copies the value
   * itself
   */
  serialize?: ((value: T) => unknown) | undefined;

  /** Makes the value from the copy, in the thread. @defaultValue the copy is the value */
  deserialize?: ((data: never) => T) | undefined;

  /**
   * What happens to a call if the value cannot be cloned: `omit` leaves the value out and warns once for each name;
   * `throw` rejects the call with `ERR_OFFLOOP_NOT_CLONEABLE`. @defaultValue `'omit'`
   */
  onUncloneable?: 'omit' | 'throw' | undefined;
}

export const crossingChecks: Readonly<Record<string, Check>> = {
  serialize: kind('function'),
  deserialize: kind('function'),
  onUncloneable: oneOf('omit', 'throw'),
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `name` is not a string or is empty. */
export function checkName(of: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '')
    throw argumentError(`Cannot make ${of}: expected a name, received ${name === '' ? "''" : typeof name}`);
}

/** The crossing that checked options describe. */
export function crossingOf<T>({ serialize, deserialize, onUncloneable = 'omit' }: CrossingOptions<T>): Crossing {
  return { serialize, deserialize, onUncloneable };
}
