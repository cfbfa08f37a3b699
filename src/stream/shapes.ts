/**
 * Small plain objects of a few shapes, as words of shared memory. A shape is what the objects of a stream have in common:
 * keys, lengths of arrays, types of primitives. The first object of each goes as text, and both ends learn its shape from
 * it; those that follow go as their primitives alone. @module
 */

import { isDense } from '../codec/look.ts';

/** Where words are written and read: the same memory, as numbers and as bytes. */
export interface Words {
  readonly words: Float64Array;
  readonly bytes: Uint8Array;
}

type Shape =
  | { readonly type: 'number' | 'boolean' | 'null' }
  | { readonly type: 'text'; last: string }
  | { readonly type: 'array'; readonly parts: readonly Shape[] }
  | { readonly type: 'object'; readonly keys: readonly string[]; readonly parts: readonly Shape[] };

/** How many shapes are learnt, how many parts one may have, and how long a text in it may be, in UTF-16 units. */
const mostShapes = 8;
const mostParts = 64;
const longestText = 256;

/**
 * The shapes of one stream, as one of its ends knows them.
 *
 * Invariant: both ends learn from the same objects in the same order, so that a shape has the same number at both.
 */
export class Shapes {
  readonly #shapes: Shape[] = [];

  /** The shape that fitted last: most streams have one. */
  #likely = 0;
  readonly #seen: object[] = [];
  #seenCount = 0;

  #words: Float64Array = new Float64Array();
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #limit = 0;

  /** Learns the shape of `value`, which JSON keeps. */
  learn(value: unknown): void {
    if (this.#shapes.length >= mostShapes) return;
    const shape = shapeOf(value, { left: mostParts });
    if (shape) this.#likely = this.#shapes.push(shape) - 1;
  }

  /** Writes `value` from the word `at` on, to before `limit`, if it has a known shape; gives the end, or `-1`. */
  write(value: object, { words, bytes }: Words, at: number, limit: number): number {
    this.#words = words;
    this.#bytes = bytes;
    this.#limit = limit;
    for (let i = 0; i < this.#shapes.length; i += 1) {
      const id = (this.#likely + i) % this.#shapes.length;
      this.#at = at + 1;
      this.#seenCount = 0;
      if (!this.#write(this.#shapes[id] as Shape, value)) continue;
      this.#likely = id;
      words[at] = id;
      return this.#at;
    }
    return -1;
  }

  /** Reads what stands from the word `at` on. */
  read({ words, bytes }: Words, at: number): unknown {
    this.#words = words;
    this.#bytes = bytes;
    this.#at = at + 1;
    return this.#read(this.#shapes[words[at] as number] as Shape);
  }

  #write(shape: Shape, value: unknown): boolean {
    switch (shape.type) {
      case 'number':
        return typeof value === 'number' && this.#put(value);
      case 'boolean':
        return typeof value === 'boolean' && this.#put(value ? 1 : 0);
      case 'null':
        return value === null;
      case 'text':
        return typeof value === 'string' && this.#writeText(value);
      case 'array':
        return Array.isArray(value) && this.#isNew(value, Array.prototype) && this.#writeItems(shape.parts, value);
      case 'object':
        return (
          typeof value === 'object' &&
          value !== null &&
          this.#isNew(value, Object.prototype) &&
          this.#writeFields(shape.keys, shape.parts, value as Record<string, unknown>)
        );
    }
  }

  #put(word: number): boolean {
    if (this.#at >= this.#limit) return false;
    this.#words[this.#at] = word;
    this.#at += 1;
    return true;
  }

  /** Texts of one byte a unit; others go another way. */
  #writeText(text: string): boolean {
    const { length } = text;
    const words = (length + 7) >> 3;
    if (length > longestText || this.#at + words >= this.#limit || !this.#put(length)) return false;
    const begin = this.#at * 8;
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit > 0xff) return false;
      this.#bytes[begin + i] = unit;
    }
    this.#at += words;
    return true;
  }

  /** What is there twice is one object at the other end as well, which only structured clone can make. */
  #isNew(value: object, prototype: object): boolean {
    if (Object.getPrototypeOf(value) !== prototype) return false;
    for (let i = 0; i < this.#seenCount; i += 1) if (this.#seen[i] === value) return false;
    this.#seen[this.#seenCount] = value;
    this.#seenCount += 1;
    return true;
  }

  #writeItems(parts: readonly Shape[], items: readonly unknown[]): boolean {
    if (items.length !== parts.length || !isDense(items)) return false;
    for (let i = 0; i < parts.length; i += 1) if (!this.#write(parts[i] as Shape, items[i])) return false;
    return true;
  }

  #writeFields(keys: readonly string[], parts: readonly Shape[], fields: Record<string | symbol, unknown>): boolean {
    if (fields[Symbol.iterator] !== undefined || fields[Symbol.asyncIterator] !== undefined) return false;
    let i = 0;
    for (const key in fields) {
      if (key !== keys[i] || !this.#write(parts[i] as Shape, fields[key])) return false;
      i += 1;
    }
    return i === keys.length;
  }

  #read(shape: Shape): unknown {
    switch (shape.type) {
      case 'number':
        return this.#words[this.#at++];
      case 'boolean':
        return this.#words[this.#at++] === 1;
      case 'null':
        return null;
      case 'text':
        return (shape.last = this.#readText(shape.last));
      case 'array': {
        const items: unknown[] = [];
        for (const part of shape.parts) items.push(this.#read(part));
        return items;
      }
      case 'object': {
        const fields: Record<string, unknown> = {};
        const { keys, parts } = shape;
        for (let i = 0; i < keys.length; i += 1) fields[keys[i] as string] = this.#read(parts[i] as Shape);
        return fields;
      }
    }
  }

  /** A text is often the one that stood there before, and then need not be made anew. */
  #readText(last: string): string {
    const length = this.#words[this.#at] as number;
    const begin = (this.#at + 1) * 8;
    this.#at += 1 + ((length + 7) >> 3);
    if (length === last.length) {
      let i = 0;
      while (i < length && last.charCodeAt(i) === this.#bytes[begin + i]) i += 1;
      if (i === length) return last;
    }
    return (this.#bytes as Buffer).toString('latin1', begin, begin + length);
  }
}

/** The shape of `value`; `undefined` if it has more parts than are left. */
function shapeOf(value: unknown, budget: { left: number }): Shape | undefined {
  budget.left -= 1;
  if (budget.left < 0) return undefined;
  if (value === null) return { type: 'null' };
  if (typeof value === 'number' || typeof value === 'boolean') return { type: typeof value as 'number' | 'boolean' };
  if (typeof value === 'string') return { type: 'text', last: '' };
  const isArray = Array.isArray(value);
  const keys = isArray ? [] : Object.keys(value as object);
  const values: unknown[] = isArray ? value : Object.values(value as object);
  const parts: Shape[] = [];
  for (const part of values) {
    const shape = shapeOf(part, budget);
    if (!shape) return undefined;
    parts.push(shape);
  }
  return isArray ? { type: 'array', parts } : { type: 'object', keys, parts };
}
