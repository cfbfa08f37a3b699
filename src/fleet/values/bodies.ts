/** Values of frames as bytes, and back. @module */

import { fromBytes, toBytes } from '../../codec/bytes/bytes.ts';
import type { FromBytesOptions, ToBytesOptions } from '../../codec/bytes/bytes.ts';
import { packThrown, unpackThrown } from '../../codec/errors/codec.ts';

/** @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot become bytes. */
export function encodeValue(value: unknown, options: ToBytesOptions): Uint8Array {
  return toBytes(value, options);
}

/** The bytes of a thrown value, without the parts that cannot become bytes. */
export function encodeThrown(thrown: unknown): Uint8Array {
  try {
    return toBytes(thrown, { root: 'thrown' });
  } catch {
    return encodeSalvaged(thrown);
  }
}

function encodeSalvaged(thrown: unknown): Uint8Array {
  try {
    return toBytes(unpackThrown(packThrown(thrown), {}), { root: 'thrown' });
  } catch (error) {
    return toBytes(new Error(`The thrown value cannot be sent to another machine: ${(error as Error).message}`));
  }
}

/** @throws {OffloopError} `ERR_OFFLOOP_BYTES`, whatever is wrong with the bytes: they may come from anybody. */
export function decodeValue(bytes: Uint8Array, options: Omit<FromBytesOptions, 'untrusted'> = {}): unknown {
  return fromBytes(bytes, { ...options, untrusted: true });
}
