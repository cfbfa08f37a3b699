/** Writes values as bytes. @module */

import { types } from 'node:util';
import { kindOf } from '../walk/kinds.ts';
import { growthOf, isTracking, mostReserved } from './resizable.ts';
import { ByteSink } from './sink.ts';
import { Tag, mostShapes, viewTypes } from './tags.ts';

/**
 * Thrown by {@link ByteWriter.write} for a value that has to be packed first: an instance of a class, an error, a
 * function.
 */
export const UNPACKED: unique symbol = Symbol('unpacked');

/** How many objects a small value has at the most. */
const mostFew = 8;

/** Gives the type name of a typed array, also of a subclass. */
const typeName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as () => string;

/** Options of {@link ByteWriter}. */
export interface ByteWriterOptions {
  /** Whether the values have been packed, so that everything in them can be written. */
  readonly packed: boolean;
}

/**
 * Writes one graph of values.
 *
 * Invariant: `#few`, or else `#numbers`, has every object that was begun, with the number that a reader will give it.
 */
export class ByteWriter extends ByteSink {
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
    super();
    this.#isPacked = packed;
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
        return this.number(value);
      case 'string':
        this.byte(Tag.text);
        return this.text(value);
      case 'bigint':
        return this.bigint(value);
      case 'object':
        return value === null ? this.byte(Tag.null) : this.#object(value);
      default:
        throw UNPACKED;
    }
  }

  #object(value: object): void {
    const number = this.#numberOf(value);
    if (number >= 0) {
      this.byte(Tag.again);
      return this.count(number);
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
      this.count(shape);
      for (let i = 0; i < names.length; i += 1) this.write(values[i]);
      return;
    }
    // All names stand before the values, because a value may have the same shape, as the nodes of a tree have.
    this.byte(Tag.object);
    this.count(names.length);
    if (this.#shapes.length < mostShapes) this.#shapes.push(names);
    for (let i = 0; i < names.length; i += 1) this.text(names[i] as string);
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
      this.count(length);
      for (let i = 0; i < length; i += 1) {
        if (typeof items[i] === 'number') i = this.numbersOf(items, i);
        if (i < length) this.write(items[i]);
      }
      return;
    }
    const names = Object.keys(value);
    this.byte(Tag.sparse);
    this.count(length);
    this.count(names.length);
    for (const name of names) {
      this.text(name);
      this.write((value as unknown as Record<string, unknown>)[name]);
    }
  }

  #map(value: Map<unknown, unknown>): void {
    // The entries are listed first, because a getter among them may change the map while they are written.
    const entries: unknown[] = [];
    Map.prototype.forEach.call(value, (item, key) => entries.push(key, item));
    this.byte(Tag.map);
    this.count(entries.length / 2);
    for (let i = 0; i < entries.length; i += 1) this.write(entries[i]);
  }

  #set(value: Set<unknown>): void {
    const items = [...Set.prototype.values.call(value)];
    this.byte(Tag.set);
    this.count(items.length);
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
    this.count(value.byteOffset);
    if (!tracks) this.count(value.byteLength);
  }

  #buffer(value: ArrayBuffer): void {
    const most = growthOf(value);
    if (most === undefined) {
      this.byte(Tag.memory);
    } else {
      this.#reserved += most;
      if (this.#reserved > mostReserved) throw UNPACKED;
      this.byte(Tag.resizable);
      this.count(most);
    }
    this.counted(new Uint8Array(value));
  }

  #kept(value: object): void {
    if (types.isDate(value)) {
      this.byte(Tag.date);
      this.double(value.getTime());
    } else if (types.isRegExp(value)) {
      this.byte(Tag.regexp);
      this.text(value.source);
      this.text(value.flags);
    } else if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) {
      this.byte(Tag.boxed);
      this.write(value.valueOf());
    } else {
      throw UNPACKED;
    }
  }
}

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
