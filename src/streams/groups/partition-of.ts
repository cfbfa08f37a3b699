/** Which partition a key belongs to. @module */

import { argumentError } from '../../base/errors.ts';

/** The types of keys: values that are the same wherever they are written. */
export type GroupKey = string | number | bigint | boolean | null | undefined;

/**
 * The number of the partition of `key`, from 0, of `partitions`: always the same for the same key.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `key` is an object, a function or a symbol.
 */
export function partitionOf(key: unknown, partitions: number): number {
  const type = typeof key;
  if ((type === 'object' && key !== null) || type === 'function' || type === 'symbol')
    throw argumentError(
      `Cannot group by a key that is ${type === 'object' ? 'an' : 'a'} ${type}: expected a text or a number`,
    );
  return hash(`${type[0]}${String(key)}`) % partitions;
}

/** FNV-1a over the code units of `text`. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  // The low bits of short texts that differ in one letter are much alike.
  return (state ^ (state >>> 15)) >>> 0;
}
