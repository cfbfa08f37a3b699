/** Values and keys as bytes. @module */

import { fromBytes, toBytes } from '../codec/bytes/bytes.ts';
import { argumentError } from '../base/errors.ts';
import type { Check } from '../base/options.ts';

/** Makes bytes of values, and values of bytes. The functions may be wrapped ones, which run in threads. */
export interface Codec<T> {
  encode(value: T): Uint8Array | PromiseLike<Uint8Array>;
  decode(bytes: Uint8Array): T | PromiseLike<T>;
}

/** All values that can be copied to another thread, exactly: only this library reads them. */
export const valueCodec: Codec<unknown> = {
  encode: (value) => toBytes(value),
  decode: (bytes) => fromBytes(bytes, { untrusted: true }),
};

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Texts, in UTF-8. */
export const textCodec: Codec<string> = {
  encode(text) {
    if (typeof text !== 'string')
      throw argumentError(`Cannot encode a text: expected a string, received ${text === null ? 'null' : typeof text}`);
    // Small ones share the memory of the pool, which costs less than memory of their own.
    return Buffer.from(text);
  },
  decode: (bytes) => decoder.decode(bytes),
};

/** Whether `value` encodes and decodes. */
export const codecCheck: Check = (value) => {
  const codec = value as Partial<Codec<unknown>> | null;
  const isOne = typeof codec === 'object' && typeof codec?.encode === 'function' && typeof codec.decode === 'function';
  return isOne ? undefined : 'an object with the functions encode and decode';
};
