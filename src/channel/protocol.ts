/** Holds the iterables of others to the language's protocol of iterators, as a loop would. @module */

import { argumentError } from '../base/errors.ts';

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if what an iterable has made is no iterator. */
export function checkedIterator<T>(made: T): T {
  if (isObject(made) && typeof (made as Partial<Iterator<unknown>>).next === 'function') return made;
  throw argumentError('Cannot take items: what was given made no iterator, which is an object with a method next');
}

/**
 * Without this check what is no step would be read as one with an item `undefined`, for ever.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if what an iterator has given is no object.
 */
export function checkedStep<T>(step: T): T {
  if (isObject(step)) return step;
  const given = step === null ? 'null' : typeof step;
  throw argumentError(`Cannot take an item: next() of the source gave ${given}, not an object with value and done`);
}

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
