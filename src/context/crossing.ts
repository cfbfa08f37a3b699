/** What variables and stores are given to say how their values cross. @module */

import { kind, oneOf } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { argumentError } from '../base/errors.ts';
import type { Crossing } from './variables.ts';

/** How the values of a variable or a store cross. */
export interface CrossingOptions<T> {
  /** Gives what crosses instead of the value, at each call. @defaultValue the value itself */
  serialize?: ((value: T) => unknown) | undefined;

  /** Makes the value again, in the thread, of what `serialize` gave. @defaultValue what has crossed */
  deserialize?: ((data: never) => T) | undefined;

  /**
   * What happens to a call while the value cannot cross: `omit` leaves the value out, with one warning a name; `throw`
   * rejects the call with `ERR_OFFLOOP_NOT_CLONEABLE`. @defaultValue `'omit'`
   */
  onUncloneable?: 'omit' | 'throw' | undefined;
}

export const crossingChecks: Readonly<Record<string, Check>> = {
  serialize: kind('function'),
  deserialize: kind('function'),
  onUncloneable: oneOf('omit', 'throw'),
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`. */
export function checkName(of: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '')
    throw argumentError(`Cannot make ${of}: expected a name, received ${name === '' ? "''" : typeof name}`);
}

/** What checked options say of crossing. */
export function crossingOf<T>({ serialize, deserialize, onUncloneable = 'omit' }: CrossingOptions<T>): Crossing {
  return { serialize, deserialize, onUncloneable };
}
