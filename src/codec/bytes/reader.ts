/** Reads values from untrusted bytes. @module */

import { dateAt } from '../../base/intrinsics.ts';
import { assign } from '../walk/hole.ts';
import { namesAt, noteNames } from './known-names.ts';
import { makeResizable, mostReserved } from './resizable.ts';
import { ByteSource, malformed } from './source.ts';
import { Tag, mostShapes, viewTypes } from './tags.ts';

/** The longest length of an array. An array of that length takes no memory before it has items. */
const mostItems = 2 ** 32 - 1;

/**
 * Reads one graph of values. No length is trusted: an allocation is never larger than the remaining bytes can fill.
 *
 * Invariant: `#objects` has every object that was begun, at the number that the writer gave it.
 */
export class ByteReader extends ByteSource {
  readonly #objects: object[] = [];

  /** How many bytes the resizable memory made so far can grow to, in total. */
  #reserved = 0;
  readonly #shapes: (readonly string[])[] = [];

  /**
   * Reads the next value, with all that it contains.
   *
   * @throws {RangeError} If the bytes are not such as a writer writes.
   */
  read(): unknown {
    const tag = this.byte();
    switch (tag) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.integer:
        return this.integer();
      case Tag.double:
        return this.double();
      case Tag.bigint:
        return this.bigint();
      case Tag.text:
        return this.text();
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
        return this.#begin(dateAt(this.double()));
      case Tag.regexp:
        return this.#begin(this.#regexp());
      case Tag.boxed:
        return this.#boxed();
      case Tag.memory:
        return this.#memory();
      case Tag.view:
        return this.#view(false);
      case Tag.resizable:
        return this.#resizable();
      case Tag.tracking:
        return this.#view(true);
      case Tag.again:
        return this.#again();
      default:
        throw malformed(`no value begins with the byte ${tag}`);
    }
  }

  #begin<T extends object>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  #object(): object {
    const names = this.#names();
    if (this.#shapes.length < mostShapes) this.#shapes.push(names);
    return this.#record(names);
  }

  #names(): readonly string[] {
    const start = this.at;
    const known = namesAt(this.bytes, start);
    if (known) {
      this.at = start + known.bytes.length;
      return known.names;
    }
    const names: string[] = [];
    const length = this.length();
    for (let i = 0; i < length; i += 1) names.push(this.text());
    noteNames(this.bytes, start, this.at, names);
    return names;
  }

  #shaped(): object {
    const names = this.#shapes[this.count(mostShapes)];
    if (!names) throw malformed('a shape is missing');
    return this.#record(names);
  }

  #record(names: readonly string[]): object {
    const object = this.#begin({});
    for (let i = 0; i < names.length; i += 1) assign(object, names[i] as string, this.read());
    return object;
  }

  #array(): unknown[] {
    const items = this.#begin<unknown[]>([]);
    const length = this.length();
    const bytes = this.bytes;
    for (let i = 0; i < length; i += 1) {
      if (bytes[this.at] === Tag.integer) {
        this.at += 1;
        items.push(this.integer());
      } else {
        items.push(this.read());
      }
    }
    return items;
  }

  #sparse(): unknown[] {
    const items = this.#begin<unknown[]>([]);
    const length = this.count(mostItems);
    const fields = this.length();
    for (let i = 0; i < fields; i += 1) {
      const name = this.text();
      if (name === 'length' || isIndexFrom(length, name)) throw malformed('an item stands outside its array');
      assign(items, name, this.read());
    }
    items.length = length;
    return items;
  }

  #map(): Map<unknown, unknown> {
    const map = this.#begin(new Map<unknown, unknown>());
    const length = this.length();
    for (let i = 0; i < length; i += 1) {
      const key = this.read();
      map.set(key, this.read());
    }
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#begin(new Set<unknown>());
    const length = this.length();
    for (let i = 0; i < length; i += 1) set.add(this.read());
    return set;
  }

  #regexp(): RegExp {
    const source = this.text();
    try {
      return new RegExp(source, this.text());
    } catch (error) {
      throw malformed('a regular expression is invalid', error);
    }
  }

  #boxed(): object {
    const value = this.read();
    if (typeof value === 'object' || value === undefined) throw malformed('a boxed primitive has no primitive in it');
    return this.#begin(Object(value) as object);
  }

  #memory(): ArrayBuffer {
    const length = this.length();
    const start = this.take(length);
    const { buffer, byteOffset } = this.bytes;
    return this.#begin(buffer.slice(byteOffset + start, byteOffset + start + length) as ArrayBuffer);
  }

  #resizable(): ArrayBuffer {
    const most = this.count(mostReserved - this.#reserved);
    this.#reserved += most;
    const length = this.length();
    if (length > most) throw malformed('memory is longer than its maximum');
    const start = this.take(length);
    try {
      return this.#begin(makeResizable(this.bytes.subarray(start, start + length), most));
    } catch (error) {
      throw malformed('there is not enough address space for resizable memory', error);
    }
  }

  #view(tracks: boolean): ArrayBufferView {
    const number = this.#objects.push(reserved) - 1;
    const name = viewTypes[this.byte()] ?? '';
    const type = (globalThis as unknown as Record<string, ViewType | undefined>)[name];
    if (!type) throw malformed(name === '' ? 'the type of a view is unknown' : `this Node.js has no ${name}`);
    const memory = this.read();
    if (!(memory instanceof ArrayBuffer)) throw malformed('a view has no memory');
    const offset = this.count(memory.byteLength);
    const length = tracks ? undefined : this.count(memory.byteLength - offset) / (type.BYTES_PER_ELEMENT ?? 1);
    try {
      const view = new type(memory, offset, length);
      this.#objects[number] = view;
      return view;
    } catch (error) {
      throw malformed('a view does not fit its memory', error);
    }
  }

  #again(): object {
    const object = this.#objects[this.count(this.#objects.length)];
    if (object === undefined || object === reserved) throw malformed('a reference is to no earlier object');
    return object;
  }
}

/** Keeps the number of a view while its memory, which comes first, is read. */
const reserved = {};

interface ViewType {
  readonly BYTES_PER_ELEMENT?: number;
  new (memory: ArrayBuffer, offset: number, length: number | undefined): ArrayBufferView;
}

/** Whether `name` is an array index of at least `length`. */
function isIndexFrom(length: number, name: string): boolean {
  const index = Number(name) >>> 0;
  return index >= length && index !== mostItems && String(index) === name;
}
