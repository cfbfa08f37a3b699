/** What an item in shared memory is: one table, for the rings of generators and for channels. @module */

/** Kinds of items. Rings have three bits for them, so what only channels have comes after the others. */
export const Kind = {
  number: 1,
  constant: 2,
  text: 3,
  json: 4,
  bytes: 5,
  buffer: 6,

  /** An object of a shape that both ends of a ring know. */
  shaped: 7,

  /** A text that UTF-8 would change. */
  wideText: 8,

  /** Bytes of a value: see `codec/bytes`. */
  packed: 9,

  /** No item: the next one is in the next segment of the channel's memory. */
  jump: 10,
} as const;

/** The values of {@link Kind.constant}, by what is written for them. */
export const constants: readonly unknown[] = [undefined, null, false, true];

/** What a chunk of bytes is in shared memory; `0` for what is no such chunk, or one of another class. */
export function kindOfChunk(value: object): number {
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype === Uint8Array.prototype) return Kind.bytes;
  return prototype === Buffer.prototype ? Kind.buffer : 0;
}

/** The text, or the copy of a chunk, that stands as `kind` in `bytes` from `begin` to `end`. */
export function readBytes(kind: number, bytes: Buffer, begin: number, end: number): string | Uint8Array {
  if (kind === Kind.text || kind === Kind.json) return bytes.toString('utf8', begin, end);
  if (kind === Kind.wideText) return bytes.toString('utf16le', begin, end);
  const chunk = kind === Kind.buffer ? Buffer.allocUnsafeSlow(end - begin) : new Uint8Array(end - begin);
  chunk.set(bytes.subarray(begin, end));
  return chunk;
}
