/** Reads values from bytes that anybody may have made. @module */

import { assign } from '../hole.ts';
import { Tag, mostShapes, viewTypes } from './tags.ts';

/** An array of this length takes no memory before it has items. */
const mostItems = 2 ** 32 - 1;

/** A text of up to so many bytes is read byte by byte: a call into the engine takes longer. */
const shortText = 24;

/**
 * Reads one graph of values. No length is trusted: nothing is allocated that the bytes which are left could not fill.
 *
 * Invariant: `#objects` has every object that was begun, at the number that the writer gave it.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #data: DataView;
  #at: number;
  readonly #objects: object[] = [];
  readonly #shapes: (readonly string[])[] = [];

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  /** Whether all was read. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /**
   * The next value, with what it holds.
   *
   * @throws {RangeError} If the bytes are not what a writer writes.
   */
  read(): unknown {
    const tag = this.#byte();
    switch (tag) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.integer: {
        const zigzag = this.#count(0xffff_ffff);
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
      case Tag.double:
        return this.#double();
      case Tag.bigint:
        return this.#bigint();
      case Tag.text:
        return this.#text();
      case Tag.object:
        return this.#object();
      case Tag.shaped:
        return this.#shaped();
      case Tag.array:
        return this.#array();
      case Tag.sparse:
        return this.#sparse();
      case Tag.map:
        return this.#map();
      case Tag.set:
        return this.#set();
      case Tag.date:
        return this.#begin(new Date(this.#double()));
      case Tag.regexp:
        return this.#begin(this.#regexp());
      case Tag.boxed:
        return this.#boxed();
      case Tag.memory:
        return this.#memory();
      case Tag.view:
        return this.#view();
      case Tag.again:
        return this.#again();
      default:
        throw malformed(`there is no value that begins with ${tag}`);
    }
  }

  #byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw malformed('they end too early');
    this.#at += 1;
    return value;
  }

  /** A varint of at most `most`. */
  #count(most: number): number {
    let value = this.#byte();
    if (value > 0x7f) {
      value -= 0x80;
      for (let weight = 0x80; ; weight *= 0x80) {
        const next = this.#byte();
        value += (next % 0x80) * weight;
        if (next < 0x80) break;
        if (weight > 2 ** 42) throw malformed('a number is too long');
      }
    }
    if (value > most) throw malformed(`${value} is more than there can be`);
    return value;
  }

  /** How many things follow that take a byte each at least. */
  #length(): number {
    return this.#count(this.#bytes.length - this.#at);
  }

  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw malformed('they end too early');
    this.#at = start + length;
    return start;
  }

  #double(): number {
    return this.#data.getFloat64(this.#take(8), true);
  }

  #bigint(): bigint {
    const isNegative = this.#byte() === 1;
    const length = this.#length();
    const start = this.#take(length);
    const magnitude = Buffer.from(this.#bytes.subarray(start, start + length))
      .reverse()
      .toString('hex');
    const value = BigInt(`0x${magnitude || '0'}`);
    return isNegative ? -value : value;
  }

  /** A text without its tag. */
  #text(): string {
    const size = this.#count(this.#bytes.length * 2);
    const length = Math.floor(size / 2);
    const start = this.#take(length);
    if (size % 2 === 1) return this.#bytes.toString('utf16le', start, this.#at);
    if (length > shortText) return this.#bytes.toString('utf8', start, this.#at);
    let text = '';
    for (let i = start; i < this.#at; i += 1) {
      const unit = this.#bytes[i] as number;
      if (unit > 0x7f) return this.#bytes.toString('utf8', start, this.#at);
      text += String.fromCharCode(unit);
    }
    return text;
  }

  #begin<T extends object>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  #object(): object {
    const object = this.#begin({});
    const names: string[] = [];
    if (this.#shapes.length < mostShapes) this.#shapes.push(names);
    const length = this.#length();
    for (let i = 0; i < length; i += 1) {
      const name = this.#text();
      names.push(name);
      assign(object, name, this.read());
    }
    return object;
  }

  #shaped(): object {
    const names = this.#shapes[this.#count(mostShapes)];
    if (!names) throw malformed('a shape is missing');
    const object = this.#begin({});
    for (let i = 0; i < names.length; i += 1) assign(object, names[i] as string, this.read());
    return object;
  }

  #array(): unknown[] {
    const items = this.#begin<unknown[]>([]);
    const length = this.#length();
    for (let i = 0; i < length; i += 1) items.push(this.read());
    return items;
  }

  #sparse(): unknown[] {
    const items = this.#begin<unknown[]>([]);
    const length = this.#count(mostItems);
    const fields = this.#length();
    for (let i = 0; i < fields; i += 1) {
      const name = this.#text();
      if (name === 'length' || isIndexFrom(length, name)) throw malformed('an item stands outside its array');
      assign(items, name, this.read());
    }
    items.length = length;
    return items;
  }

  #map(): Map<unknown, unknown> {
    const map = this.#begin(new Map<unknown, unknown>());
    const length = this.#length();
    for (let i = 0; i < length; i += 1) {
      const key = this.read();
      map.set(key, this.read());
    }
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#begin(new Set<unknown>());
    const length = this.#length();
    for (let i = 0; i < length; i += 1) set.add(this.read());
    return set;
  }

  #regexp(): RegExp {
    const source = this.#text();
    try {
      return new RegExp(source, this.#text());
    } catch (error) {
      throw malformed('a regular expression is none', error);
    }
  }

  #boxed(): object {
    const value = this.read();
    if (typeof value === 'object' || value === undefined) throw malformed('no primitive stands in an object for one');
    return this.#begin(Object(value) as object);
  }

  #memory(): ArrayBuffer {
    const length = this.#length();
    const start = this.#take(length);
    const { buffer, byteOffset } = this.#bytes;
    return this.#begin(buffer.slice(byteOffset + start, byteOffset + start + length) as ArrayBuffer);
  }

  #view(): ArrayBufferView {
    const number = this.#objects.push(reserved) - 1;
    const name = viewTypes[this.#byte()] ?? '';
    const type = (globalThis as unknown as Record<string, ViewType | undefined>)[name];
    if (!type) throw malformed(name === '' ? 'a view is of no type' : `this Node.js has no ${name}`);
    const memory = this.read();
    if (!(memory instanceof ArrayBuffer)) throw malformed('a view is of no memory');
    const offset = this.#count(memory.byteLength);
    const length = this.#count(memory.byteLength - offset);
    try {
      const view = new type(memory, offset, length / (type.BYTES_PER_ELEMENT ?? 1));
      this.#objects[number] = view;
      return view;
    } catch (error) {
      throw malformed('a view does not fit its memory', error);
    }
  }

  #again(): object {
    const object = this.#objects[this.#count(this.#objects.length)];
    if (object === undefined || object === reserved) throw malformed('an object is named before it is there');
    return object;
  }
}

/** Stands where a view will be, whose memory has to be read first. */
const reserved = {};

interface ViewType {
  readonly BYTES_PER_ELEMENT?: number;
  new (memory: ArrayBuffer, offset: number, length: number): ArrayBufferView;
}

/** Whether `name` is an index of an array, and beyond `length`. */
function isIndexFrom(length: number, name: string): boolean {
  const index = Number(name) >>> 0;
  return index >= length && index !== mostItems && String(index) === name;
}

function malformed(why: string, cause?: unknown): RangeError {
  return new RangeError(why, cause === undefined ? undefined : { cause });
}
