/** The kinds of items in shared memory: one table for the rings of generators and for channels. @module */

/** Kinds of items. A ring has three bits for the kind, so the kinds that only channels have come last. */
export const Kind = {
  number: 1,
  constant: 2,
  text: 3,
  json: 4,
  bytes: 5,
  buffer: 6,

  /** An object of a shape that both ends of a ring know. */
  shaped: 7,

  /** A text with lone surrogates, which UTF-8 would change. */
  wideText: 8,

  /** A value in the format of `codec/bytes`. */
  packed: 9,

  /** No item: the next one is in the next segment of the channel's memory. */
  jump: 10,
} as const;

/** The values of kind {@link Kind.constant}; an item holds the index. */
export const constants: readonly unknown[] = [undefined, null, false, true];

/** The kind of a `Uint8Array` or a `Buffer`; `0` for any other value, instances of subclasses among them. */
export function kindOfChunk(value: object): number {
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype === Uint8Array.prototype) return Kind.bytes;
  return prototype === Buffer.prototype ? Kind.buffer : 0;
}

/** Reads the text, or copies the chunk, of this `kind` that is in `bytes` from `begin` to `end`. */
export function readBytes(kind: number, bytes: Buffer, begin: number, end: number): string | Uint8Array {
  if (kind === Kind.text || kind === Kind.json) return bytes.toString('utf8', begin, end);
  if (kind === Kind.wideText) return bytes.toString('utf16le', begin, end);
  const chunk = kind === Kind.buffer ? Buffer.allocUnsafeSlow(end - begin) : new Uint8Array(end - begin);
  chunk.set(bytes.subarray(begin, end));
  return chunk;
}
