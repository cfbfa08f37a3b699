/** Writes values as bytes. @module */

import { types } from 'node:util';
import { isWellFormed } from '../../base/well-formed.ts';
import { kindOf } from '../kinds.ts';
import { growthOf, isTracking, mostReserved } from './resizable.ts';
import { Encoding, Tag, mostShapes, viewTypes } from './tags.ts';

/**
 * Thrown by {@link ByteWriter.write} for a value that has to be packed first: an instance of a class, an error, a
 * function.
 */
export const UNPACKED: unique symbol = Symbol('unpacked');

/** ASCII text of up to this many UTF-16 units is written unit by unit, which is faster than a call into the engine. */
const shortText = 20;

/**
 * For a text longer than this, the size is computed before room is made for it; else the largest possible size is used.
 */
const longText = 2 ** 16;

/** The most bytes that a number takes, with its tag. */
const mostNumber = 9;

const initialSize = 4096;

/** A larger buffer than this is not kept for the next value, and may be given away without a copy. */
const mostKept = 2 ** 20;

/** How many objects a small value has at the most. */
const mostFew = 8;

/** A result of up to so many bytes may be lent. */
const mostLent = 2048;

/**
 * The buffer of the last writer. `undefined` while a writer is at work: a getter that it reads may need another writer.
 */
let spare: Buffer | undefined;

/** The view of the buffer that was used last. */
let spareView: DataView | undefined;

/** The memory that was lent last, and the views of its beginning, by their lengths. */
let lent: ArrayBufferLike | undefined;
let lentViews: (Uint8Array | undefined)[] = [];

/** Gives the type name of a typed array, also of a subclass. */
const typeName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as () => string;

/** Options of {@link ByteWriter}. */
export interface ByteWriterOptions {
  /** Whether the values have been packed, so that everything in them can be written. */
  readonly packed: boolean;
}

/**
 * Writes one graph of values into a buffer that grows.
 *
 * Invariant: `#few`, or else `#numbers`, has every object that was begun, with the number that a reader will give it.
 */
export class ByteWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  /** The objects of a small value: a list is made, and looked through, faster than a map. */
  readonly #few: object[] = [];
  #numbers: Map<object, number> | undefined;
  readonly #shapes: (readonly string[])[] = [];

  /** The number of the shape that was used last. */
  #likely = 0;
  readonly #isPacked: boolean;

  /** How many bytes the resizable memory written so far can grow to, in total. */
  #reserved = 0;

  constructor({ packed }: ByteWriterOptions) {
    this.#isPacked = packed;
    this.#bytes = spare ?? Buffer.allocUnsafeSlow(initialSize);
    this.#view = spareView?.buffer === this.#bytes.buffer ? spareView : viewOf(this.#bytes);
    spareView = this.#view;
    spare = undefined;
  }

  /** Gives what was written, in memory of its own. Ends the writer. */
  finish(): Uint8Array<ArrayBuffer> {
    const { buffer, length } = this.#bytes;
    if (length <= mostKept) spare = this.#bytes;
    // After one large piece of memory, little of the buffer is unused, so it is given away without a copy.
    else if (length - this.#at < length / 8) return new Uint8Array(buffer as ArrayBuffer, 0, this.#at);
    return new Uint8Array(this.#bytes.subarray(0, this.#at));
  }

  /** As {@link ByteWriter.finish}, in the memory that the next writer uses. */
  finishLent(): Uint8Array {
    if (this.#at > mostLent) return this.finish();
    const bytes = this.#bytes;
    if (lent !== bytes.buffer) {
      lent = bytes.buffer;
      lentViews = [];
    }
    spare = bytes;
    return (lentViews[this.#at] ??= bytes.subarray(0, this.#at));
  }

  /** Writes one byte as it is. */
  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at++] = value;
  }

  /**
   * Writes `value`, with all that it contains.
   *
   * @throws UNPACKED if `value` contains something that structured clone would lose or refuse.
   */
  write(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        return this.byte(Tag.undefined);
      case 'boolean':
        return this.byte(value ? Tag.true : Tag.false);
      case 'number':
        return this.#number(value);
      case 'string':
        this.byte(Tag.text);
        return this.#text(value);
      case 'bigint':
        return this.#bigint(value);
      case 'object':
        return value === null ? this.byte(Tag.null) : this.#object(value);
      default:
        throw UNPACKED;
    }
  }

  #number(value: number): void {
    this.#room(mostNumber);
    this.#at = this.#numberAt(value, this.#at);
  }

  /**
   * Writes the numbers in `items` from `from` up to the first item that is not a number; gives the index of that item.
   */
  #numbersOf(items: readonly unknown[], from: number): number {
    const { length } = items;
    this.#room((length - from) * mostNumber);
    let at = this.#at;
    let i = from;
    for (; i < length; i += 1) {
      const item = items[i];
      if (typeof item !== 'number') break;
      at = this.#numberAt(item, at);
    }
    this.#at = at;
    return i;
  }

  /** Writes `value` at `at`, where there is room for it; gives the offset after it. */
  #numberAt(value: number, at: number): number {
    const bytes = this.#bytes;
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      bytes[at] = Tag.double;
      this.#view.setFloat64(at + 1, value, true);
      return at + mostNumber;
    }
    let end = at;
    bytes[end++] = Tag.integer;
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest > 0x7f; rest >>>= 7) bytes[end++] = (rest & 0x7f) | 0x80;
    bytes[end++] = rest;
    return end;
  }

  #double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** Writes a varint of up to 53 bits. */
  #count(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80;
      rest = rest > 0x7fff_ffff ? Math.floor(rest / 0x80) : rest >>> 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  #bigint(value: bigint): void {
    this.byte(Tag.bigint);
    this.byte(value < 0n ? 1 : 0);
    const digits = (value < 0n ? -value : value).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    this.#counted(magnitude);
  }

  /** Writes a text without its tag. */
  #text(value: string): void {
    const { length } = value;
    if (length <= shortText && this.#shortText(value, length)) return;
    // Most text is ASCII; other text takes at most three bytes a unit.
    this.#room((length > longText ? Buffer.byteLength(value) : length * 3) + 16);
    const start = this.#at;
    this.#count(length * 2);
    const size = this.#bytes.write(value, this.#at, 'utf8');
    if (size === length) {
      this.#at += size;
      return;
    }
    this.#at = start;
    const isUtf8 = isWellFormed(value);
    if (!isUtf8) this.#room(length * 2 + 16);
    this.#count((isUtf8 ? size : length * 2) * 2 + 1);
    this.byte(isUtf8 ? Encoding.utf8 : Encoding.utf16);
    this.#at += this.#bytes.write(value, this.#at, isUtf8 ? 'utf8' : 'utf16le');
  }

  /** Writes the text if it is ASCII; if not, gives `false` and has written nothing. */
  #shortText(value: string, length: number): boolean {
    this.#room(length + 1);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = length * 2;
    for (let i = 0; i < length; i += 1) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[at++] = unit;
    }
    this.#at = at;
    return true;
  }

  #counted(bytes: Uint8Array): void {
    this.#count(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #object(value: object): void {
    const number = this.#numberOf(value);
    if (number >= 0) {
      this.byte(Tag.again);
      return this.#count(number);
    }
    switch (kindOf(value)) {
      case 'plain':
        return this.#fields(value as Record<string, unknown>);
      case 'array':
        return this.#array(value as unknown[]);
      case 'map':
        return this.#map(value as Map<unknown, unknown>);
      case 'set':
        return this.#set(value as Set<unknown>);
      case 'memory':
        return this.#memory(value as ArrayBufferView | ArrayBuffer);
      case 'kept':
        return this.#kept(value);
      default:
        throw UNPACKED;
    }
  }

  /** The number of an object that was begun before; -1 for one that begins now. */
  #numberOf(value: object): number {
    const few = this.#few;
    if (!this.#numbers) {
      const number = few.indexOf(value);
      if (number < 0 && few.push(value) > mostFew) this.#numbers = new Map(few.map((it, i) => [it, i]));
      return number;
    }
    const number = this.#numbers.get(value);
    if (number !== undefined) return number;
    this.#numbers.set(value, this.#numbers.size);
    return -1;
  }

  #fields(value: Record<string, unknown>): void {
    const names = Object.keys(value);
    const values = fieldsOf(value, names);
    const shape = this.#shapeNumber(names);
    if (shape >= 0) {
      this.byte(Tag.shaped);
      this.#count(shape);
      for (let i = 0; i < names.length; i += 1) this.write(values[i]);
      return;
    }
    // All names stand before the values, because a value may have the same shape, as the nodes of a tree have.
    this.byte(Tag.object);
    this.#count(names.length);
    if (this.#shapes.length < mostShapes) this.#shapes.push(names);
    for (let i = 0; i < names.length; i += 1) this.#text(names[i] as string);
    for (let i = 0; i < names.length; i += 1) this.write(values[i]);
  }

  /** The number of the shape with these names; `-1` if there is none. */
  #shapeNumber(names: readonly string[]): number {
    // An object often has the shape of the one before it.
    if (this.#likely < this.#shapes.length && isEqual(this.#shapes[this.#likely] as string[], names))
      return this.#likely;
    for (let i = this.#shapes.length - 1; i >= 0; i -= 1) {
      if (isEqual(this.#shapes[i] as string[], names)) return (this.#likely = i);
    }
    return -1;
  }

  #array(value: unknown[]): void {
    const { length } = value;
    const items = denseItems(value);
    if (items) {
      this.byte(Tag.array);
      this.#count(length);
      for (let i = 0; i < length; i += 1) {
        if (typeof items[i] === 'number') i = this.#numbersOf(items, i);
        if (i < length) this.write(items[i]);
      }
      return;
    }
    const names = Object.keys(value);
    this.byte(Tag.sparse);
    this.#count(length);
    this.#count(names.length);
    for (const name of names) {
      this.#text(name);
      this.write((value as unknown as Record<string, unknown>)[name]);
    }
  }

  #map(value: Map<unknown, unknown>): void {
    // The entries are listed first, because a getter among them may change the map while they are written.
    const entries: unknown[] = [];
    Map.prototype.forEach.call(value, (item, key) => entries.push(key, item));
    this.byte(Tag.map);
    this.#count(entries.length / 2);
    for (let i = 0; i < entries.length; i += 1) this.write(entries[i]);
  }

  #set(value: Set<unknown>): void {
    const items = [...Set.prototype.values.call(value)];
    this.byte(Tag.set);
    this.#count(items.length);
    for (const item of items) this.write(item);
  }

  #memory(value: ArrayBufferView | ArrayBuffer): void {
    // Empty memory may be detached, which the complete walk finds out.
    if (value.byteLength === 0 && !this.#isPacked) throw UNPACKED;
    if (!ArrayBuffer.isView(value)) {
      if (!(value instanceof ArrayBuffer)) throw UNPACKED;
      return this.#buffer(value);
    }
    const type = viewTypes.indexOf(types.isDataView(value) ? 'DataView' : Reflect.apply(typeName, value, []));
    if (type < 0) throw UNPACKED;
    const tracks = isTracking(value);
    this.byte(tracks ? Tag.tracking : Tag.view);
    this.byte(type);
    this.#object(value.buffer);
    this.#count(value.byteOffset);
    if (!tracks) this.#count(value.byteLength);
  }

  #buffer(value: ArrayBuffer): void {
    const most = growthOf(value);
    if (most === undefined) {
      this.byte(Tag.memory);
    } else {
      this.#reserved += most;
      if (this.#reserved > mostReserved) throw UNPACKED;
      this.byte(Tag.resizable);
      this.#count(most);
    }
    this.#counted(new Uint8Array(value));
  }

  #kept(value: object): void {
    if (types.isDate(value)) {
      this.byte(Tag.date);
      this.#double(value.getTime());
    } else if (types.isRegExp(value)) {
      this.byte(Tag.regexp);
      this.#text(value.source);
      this.#text(value.flags);
    } else if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) {
      this.byte(Tag.boxed);
      this.write(value.valueOf());
    } else {
      throw UNPACKED;
    }
  }

  #room(size: number): void {
    if (this.#at + size > this.#bytes.length) this.#grow(size);
  }

  /** Doubles the buffer; for one large piece it grows only as far as needed, with a little room for what follows. */
  #grow(size: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#at + size + 64, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength);

/** The values of the fields `names`. */
function fieldsOf(value: Record<string, unknown>, names: readonly string[]): readonly unknown[] {
  const values = Object.values(value);
  // A getter may have deleted fields that come after it.
  return values.length === names.length ? values : names.map((name) => value[name]);
}

/**
 * The items of `value` if it has neither gaps nor fields beside the items. For a long array, listing its values takes a
 * tenth of the time of listing its keys.
 */
function denseItems(value: readonly unknown[]): readonly unknown[] | undefined {
  const items = Object.values(value);
  const { length } = value;
  if (items.length !== length) return undefined;
  for (let i = 0; i < length; i += 1) {
    const item = items[i];
    // With as many gaps as fields, the lengths agree but the items are elsewhere. `NaN`, unequal to itself, takes the
    // check too.
    if ((item === undefined || item !== value[i]) && !Object.hasOwn(value, i)) return undefined;
  }
  return items;
}

function isEqual(names: readonly string[], others: readonly string[]): boolean {
  const { length } = names;
  if (length !== others.length) return false;
  for (let i = 0; i < length; i += 1) if (names[i] !== others[i]) return false;
  return true;
}
