/** Keys as bytes, whose order is that of the keys: numbers, then strings; arrays by their elements. @module */

import { argumentError } from '../base/errors.ts';
import { isWellFormed } from '../base/well-formed.ts';

/** A part of a key: a string, or a number that is not `NaN`. */
export type KeyPart = string | number;

/** A key of a cache. */
export type CacheKey = KeyPart | readonly KeyPart[];

/** The most bytes that a key may take: as many as lmdb allows with pages of 4 KiB. */
export const mostKeyBytes = 1978;

/** The first byte of each part, and the byte that follows each element of an array. */
const Tag = { number: 0x10, string: 0x20 } as const;
const separator = 0;

/** In a string, `\0` is written as 1, 1 and `\x01` as 1, 2, so that no byte is taken for a separator. */
// oxlint-disable-next-line no-control-regex
const special = /[\0\x01]/;
const escape = 1;

/** The key that was encoded last; three bytes for each UTF-16 unit of the longest string. */
const scratch = Buffer.alloc(3 * mostKeyBytes + 16);

/** The views of its beginning, by their lengths. */
const views: (Buffer | undefined)[] = [];
const float = new DataView(scratch.buffer, scratch.byteOffset, scratch.byteLength);

/**
 * Gives the bytes of `key`, which are valid until the next call.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it is no key, or a longer one than `mostKeyBytes`.
 */
export function keyBytes(key: CacheKey): Uint8Array {
  const length = encode(key);
  return (views[length] ??= scratch.subarray(0, length));
}

/** As {@link keyBytes}, in memory that nobody else writes to. */
export function keyBytesCopy(key: CacheKey): Uint8Array {
  return Buffer.from(keyBytes(key));
}

/** The range of the keys that begin with `prefix`: by its characters, or, for an array, by its elements. */
export function prefixRange(prefix: string | readonly KeyPart[]): [start: Uint8Array, end: Uint8Array] {
  if (typeof prefix !== 'string' && !Array.isArray(prefix))
    throw argumentError(`Cannot use the option prefix: expected a string or an array, received ${typeof prefix}`);
  const start = new Uint8Array(keyBytes(prefix as CacheKey));
  const end = new Uint8Array(start);
  // The last byte is a tag, a separator or one of UTF-8: none of them is 255.
  end[end.length - 1] = (end.at(-1) as number) + 1;
  return [start, end];
}

/** The first bytes after those of `key`. */
export function after(bytes: Uint8Array): Uint8Array {
  const next = new Uint8Array(bytes.length + 1);
  next.set(bytes);
  return next;
}

/** Gives the key that {@link keyBytes} was given. */
export function keyOf(bytes: Uint8Array): CacheKey {
  const parts: KeyPart[] = [];
  let at = 0;
  let isArray = false;
  while (at < bytes.length) {
    let end = at + 9;
    if (bytes[at] === Tag.number) parts.push(numberAt(bytes, at + 1));
    else {
      end = bytes.indexOf(separator, at);
      if (end < 0) end = bytes.length;
      parts.push(textOf(bytes.subarray(at + 1, end)));
    }
    isArray = end < bytes.length;
    at = end + 1;
  }
  return isArray ? parts : (parts[0] as KeyPart);
}

/** Whether the bytes are those of an array. */
export function isArrayKey(bytes: Uint8Array): boolean {
  return bytes[0] === Tag.number ? bytes.length > 9 : bytes.includes(separator);
}

/** Writes `key` to the scratch buffer; gives its length. */
function encode(key: CacheKey): number {
  const length =
    typeof key === 'string' ? writeText(key, 0) : typeof key === 'number' ? writeNumber(key, 0) : writeAll(key);
  if (length > mostKeyBytes) throw tooLong();
  return length;
}

function writeAll(key: readonly KeyPart[]): number {
  if (!Array.isArray(key))
    throw argumentError(
      `Cannot use the key: expected a string, a number or an array of them, received ${key === null ? 'null' : typeof key}`,
    );
  if (key.length === 0) throw argumentError('Cannot use the key: the array is empty');
  let at = 0;
  // Taken out first: a getter among them may use a cache, and with it the scratch buffer.
  const parts: readonly unknown[] = [...key];
  for (const part of parts) {
    if (typeof part === 'string') at = writeText(part, at);
    else if (typeof part === 'number') at = writeNumber(part, at);
    else
      throw argumentError(
        `Cannot use the key: expected strings and numbers in the array, received ${part === null ? 'null' : typeof part}`,
      );
    scratch[at] = separator;
    at += 1;
    if (at > mostKeyBytes) throw tooLong();
  }
  return at;
}

function writeText(text: string, at: number): number {
  if (text.length > mostKeyBytes) throw tooLong();
  if (!isWellFormed(text)) throw argumentError('Cannot use the key: the string has a lone surrogate');
  scratch[at] = Tag.string;
  if (!special.test(text)) return at + 1 + scratch.write(text, at + 1);
  let end = at + 1;
  for (const byte of Buffer.from(text)) {
    if (byte <= escape) scratch[end++] = escape;
    scratch[end++] = byte <= escape ? byte + 1 : byte;
  }
  return end;
}

function textOf(bytes: Uint8Array): string {
  if (!bytes.includes(escape)) return decodeText(bytes);
  const plain: number[] = [];
  for (let i = 0; i < bytes.length; i += 1)
    plain.push(bytes[i] === escape ? (bytes[(i += 1)] as number) - 1 : (bytes[i] as number));
  return decodeText(Uint8Array.from(plain));
}

const decodeText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

/** The bits of a double order as the numbers do once the sign is inverted, and of negative numbers all other bits too. */
function writeNumber(value: number, at: number): number {
  if (Number.isNaN(value)) throw argumentError('Cannot use the key: it is NaN');
  scratch[at] = Tag.number;
  // `-0` is the same key as `0`.
  float.setFloat64(at + 1, value + 0);
  const first = scratch[at + 1] as number;
  if (first < 0x80) scratch[at + 1] = first | 0x80;
  else for (let i = at + 1; i < at + 9; i += 1) scratch[i] = ~(scratch[i] as number);
  return at + 9;
}

function numberAt(bytes: Uint8Array, at: number): number {
  const copy = new Uint8Array(bytes.subarray(at, at + 8));
  if ((copy[0] as number) >= 0x80) copy[0] = (copy[0] as number) & 0x7f;
  else for (let i = 0; i < 8; i += 1) copy[i] = ~(copy[i] as number);
  return new DataView(copy.buffer).getFloat64(0);
}

const tooLong = (): Error => argumentError(`Cannot use the key: it takes more than ${mostKeyBytes} bytes`);
