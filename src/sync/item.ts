/** Turns the items of a channel into bytes, and back. @module */

import { isWellFormed } from '../base/well-formed.ts';
import { fromBytes, toBytes } from '../codec/bytes/bytes.ts';
import { look } from '../codec/quick/look.ts';
import { isJson } from '../channel/ring/json.ts';
import { constants, Kind, kindOfChunk, readBytes } from '../channel/ring/kinds.ts';
import { cellSize } from './arena.ts';
import type { Arena } from './arena.ts';

/** A text of more UTF-16 units is encoded before the lock is taken. */
const mostText = 1024;

/** An item that is encoded as bytes. */
export class Encoded {
  readonly kind: number;
  readonly bytes: Uint8Array;

  constructor(kind: number, bytes: Uint8Array) {
    this.kind = kind;
    this.bytes = bytes;
  }
}

/** The text of an item that was written as JSON. */
class Json {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An item that can be written: a primitive that needs no encoding, or encoded bytes. */
export type Item = number | boolean | null | undefined | string | Encoded;

/**
 * Copies `value` as it is now.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if a part of `value` cannot become bytes; the error names its
 * path.
 */
export function encode(value: unknown): Item {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'string':
      if (!isWellFormed(value)) return new Encoded(Kind.wideText, Buffer.from(value, 'utf16le'));
      return value.length <= mostText ? value : new Encoded(Kind.text, Buffer.from(value, 'utf8'));
    case 'object':
      return value === null ? value : (encodeChunk(value) ?? serialize(value));
    default:
      return serialize(value);
  }
}

/** How many cells `item` takes at the most, with the cell of its kind and length. */
export function cellsFor(item: Item): number {
  if (typeof item === 'number') return 2;
  if (typeof item === 'string') return 1 + Math.ceil((item.length * 3) / cellSize);
  return item instanceof Encoded ? 1 + Math.ceil(item.bytes.byteLength / cellSize) : 1;
}

/** Writes `item` at `cell`, and gives the cell after it. */
export function writeItem({ ints, floats, bytes }: Arena, cell: number, item: Item): number {
  let length = 0;
  let kind: number = Kind.constant;
  if (typeof item === 'number') {
    ints[cell * 2] = Kind.number;
    floats[cell + 1] = item;
    return cell + 2;
  }
  if (typeof item === 'string') {
    kind = Kind.text;
    length = bytes.write(item, (cell + 1) * cellSize, 'utf8');
  } else if (item instanceof Encoded) {
    kind = item.kind;
    length = item.bytes.byteLength;
    bytes.set(item.bytes, (cell + 1) * cellSize);
  }
  ints[cell * 2] = kind;
  ints[cell * 2 + 1] = kind === Kind.constant ? constants.indexOf(item) : length;
  return cell + 1 + Math.ceil(length / cellSize);
}

/** The cell after the item at `cell`. */
export function endOfItem({ ints }: Arena, cell: number): number {
  const kind = ints[cell * 2];
  if (kind === Kind.number) return cell + 2;
  return kind === Kind.constant ? cell + 1 : cell + 1 + Math.ceil((ints[cell * 2 + 1] as number) / cellSize);
}

/** Reads the item at `cell`; the result has to be {@link revive}d once the item is taken. */
export function readItem({ ints, floats, bytes }: Arena, cell: number): unknown {
  const kind = ints[cell * 2] as number;
  if (kind === Kind.number) return floats[cell + 1];
  const length = ints[cell * 2 + 1] as number;
  if (kind === Kind.constant) return constants[length];
  const begin = (cell + 1) * cellSize;
  const end = begin + length;
  const read = readBytes(kind, bytes, begin, end);
  if (kind === Kind.json) return new Json(read as string);
  return kind === Kind.packed ? new Encoded(kind, read as Uint8Array) : read;
}

/**
 * Makes the value of an item from the result of {@link readItem}.
 *
 * @throws The error that a `[fromThread]` method throws.
 */
export function revive(read: unknown): unknown {
  if (typeof read !== 'object') return read;
  if (read instanceof Json) return JSON.parse(read.text);
  if (!(read instanceof Encoded)) return read;
  return fromBytes(read.bytes);
}

function encodeChunk(value: object): Encoded | undefined {
  const kind = kindOfChunk(value);
  if (kind === 0) return undefined;
  const chunk = value as Uint8Array;
  // An empty chunk may be a detached one, whose memory was transferred.
  if (chunk.byteLength === 0 || !(chunk.buffer instanceof ArrayBuffer)) return undefined;
  return new Encoded(kind, new Uint8Array(chunk));
}

function serialize(value: unknown): Encoded {
  const seen = look([value]);
  // `look` gives a copy only of small plain values. Other values are walked completely, so that no part of them is
  // lost.
  if (Array.isArray(seen) && isJson(seen[0])) return new Encoded(Kind.json, Buffer.from(JSON.stringify(seen[0])));
  return new Encoded(Kind.packed, toBytes(value, { root: 'item' }));
}
