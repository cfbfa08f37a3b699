/** The sources that a stream can be made of. @module */

import { argumentError } from '../../base/errors.ts';

/** Anything that gives items. */
export type AnyIterable<T> = Iterable<T> | AsyncIterable<T>;

/**
 * `value`, if it is iterable; a string is one only as a source.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`.
 */
export function checkedIterable(action: string, value: unknown): AnyIterable<unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (isObject && (Symbol.asyncIterator in value || Symbol.iterator in value)) return value as AnyIterable<unknown>;
  throw argumentError(`Cannot ${action}: expected an iterable, received ${value === null ? 'null' : typeof value}`);
}
