/** Writes values as bytes. @module */

import { types } from 'node:util';
import { isDense } from '../look.ts';
import { kindOf } from '../kinds.ts';
import { Tag, mostShapes, viewTypes } from './tags.ts';

/** What {@link ByteWriter.write} meets that has to be packed first: an instance of a class, an error, a function. */
export const UNPACKED: unique symbol = Symbol('unpacked');

/** A text of up to so many UTF-16 units is written unit by unit: a call into the engine takes longer. */
const shortText = 24;

const initialSize = 4096;

/** Memory of more than this is not kept for the next value. */
const mostKept = 2 ** 20;

/** What the last writer wrote in; `undefined` while one is at work, and a getter that it reads may need another. */
let spare: Buffer | undefined;

/** Gives the name of a typed array's type, also of one that extends it. */
const typeName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as () => string;

/** Options of {@link ByteWriter}. */
export interface ByteWriterOptions {
  /** Whether the values have been packed: what is in them can be written. */
  readonly packed: boolean;
}

/**
 * Writes one graph of values into memory that grows.
 *
 * Invariant: `#numbers` has every object that was begun, with the number that a reader will give it.
 */
export class ByteWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;
  readonly #numbers = new Map<object, number>();
  readonly #shapes: (readonly string[])[] = [];
  readonly #isPacked: boolean;

  constructor({ packed }: ByteWriterOptions) {
    this.#isPacked = packed;
    this.#bytes = spare ?? Buffer.allocUnsafeSlow(initialSize);
    this.#view = viewOf(this.#bytes);
    spare = undefined;
  }

  /** A copy of what was written. Nothing more can be. */
  finish(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.#bytes.subarray(0, this.#at));
    if (this.#bytes.length <= mostKept) spare = this.#bytes;
    return copy;
  }

  /** Writes one byte as it is. */
  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at++] = value;
  }

  /**
   * Writes `value`, with what it holds.
   *
   * @throws UNPACKED if there is something in it that structured clone would lose or refuse.
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
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.byte(Tag.integer);
      this.#count(((value << 1) ^ (value >> 31)) >>> 0);
    } else {
      this.byte(Tag.double);
      this.#double(value);
    }
  }

  #double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A varint of up to 53 bits. */
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
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').reverse();
    this.#counted(magnitude);
  }

  /** A text without its tag. */
  #text(value: string): void {
    const { length } = value;
    if (length <= shortText && this.#shortText(value, length)) return;
    const encoding = isWellFormed(value) ? 'utf8' : 'utf16le';
    const size = Buffer.byteLength(value, encoding);
    this.#count(size * 2 + (encoding === 'utf8' ? 0 : 1));
    this.#room(size);
    this.#at += this.#bytes.write(value, this.#at, encoding);
  }

  /** Whether it is all ASCII; if not, nothing was written. */
  #shortText(value: string, length: number): boolean {
    this.#room(length + 1);
    const start = this.#at;
    this.#bytes[this.#at++] = length * 2;
    for (let i = 0; i < length; i += 1) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) {
        this.#at = start;
        return false;
      }
      this.#bytes[this.#at++] = unit;
    }
    return true;
  }

  #counted(bytes: Uint8Array): void {
    this.#count(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #object(value: object): void {
    const number = this.#numbers.get(value);
    if (number !== undefined) {
      this.byte(Tag.again);
      return this.#count(number);
    }
    this.#numbers.set(value, this.#numbers.size);
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

  #fields(value: Record<string, unknown>): void {
    const names = Object.keys(value);
    const shape = this.#shapes.findLastIndex((it) => isEqual(it, names));
    if (shape >= 0) {
      this.byte(Tag.shaped);
      this.#count(shape);
      for (let i = 0; i < names.length; i += 1) this.write(value[names[i] as string]);
      return;
    }
    this.byte(Tag.object);
    this.#count(names.length);
    if (this.#shapes.length < mostShapes) this.#shapes.push(names);
    for (let i = 0; i < names.length; i += 1) {
      this.#text(names[i] as string);
      this.write(value[names[i] as string]);
    }
  }

  #array(value: unknown[]): void {
    const { length } = value;
    if (isDense(value)) {
      this.byte(Tag.array);
      this.#count(length);
      for (let i = 0; i < length; i += 1) this.write(value[i]);
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
    // A getter among the entries may change the map: what is there now is what is counted.
    const entries = [...Map.prototype.entries.call(value)] as [unknown, unknown][];
    this.byte(Tag.map);
    this.#count(entries.length);
    for (const [key, item] of entries) {
      this.write(key);
      this.write(item);
    }
  }

  #set(value: Set<unknown>): void {
    const items = [...Set.prototype.values.call(value)];
    this.byte(Tag.set);
    this.#count(items.length);
    for (const item of items) this.write(item);
  }

  #memory(value: ArrayBufferView | ArrayBuffer): void {
    // What is empty may be what is left of memory that has moved: the complete walk asks.
    if (value.byteLength === 0 && !this.#isPacked) throw UNPACKED;
    if (!ArrayBuffer.isView(value)) {
      if (!(value instanceof ArrayBuffer)) throw UNPACKED;
      this.byte(Tag.memory);
      return this.#counted(new Uint8Array(value));
    }
    const type = viewTypes.indexOf(
      types.isDataView(value) ? 'DataView' : (Reflect.apply(typeName, value, []) as string),
    );
    if (type < 0) throw UNPACKED;
    this.byte(Tag.view);
    this.byte(type);
    this.#object(value.buffer);
    this.#count(value.byteOffset);
    this.#count(value.byteLength);
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

  #grow(size: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#at + size, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength);

function isEqual(names: readonly string[], others: readonly string[]): boolean {
  const { length } = names;
  if (length !== others.length) return false;
  for (let i = 0; i < length; i += 1) if (names[i] !== others[i]) return false;
  return true;
}

/** Whether UTF-8 keeps `text`. The floor's types do not know the method, which all supported versions of Node.js have. */
function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
