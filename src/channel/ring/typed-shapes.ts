/**
 * Writes small plain objects of a few shapes as words of shared memory. The first object of each shape goes as JSON,
 * from which both ends learn the shape and the types of its primitives; the following ones go as their primitives
 * alone. @module
 */

import { flatten, inflate, mouldOf, shapeOf } from '../../codec/quick/shape.ts';
import type { Branch, Mould } from '../../codec/quick/shape.ts';

/** The memory in which objects are written and read, as numbers and as bytes. */
export interface Words {
  readonly words: Float64Array;
  readonly bytes: Uint8Array;
}

type LeafType = 'boolean' | 'null' | 'number' | 'text';

interface TypedShape {
  readonly shape: Branch;
  readonly mould: Mould;
  readonly types: readonly LeafType[];

  /** The last value of each primitive that is a text: most often it is the same again. */
  readonly texts: string[];
}

/** How many shapes are learnt, and how long a text in an object may be, in UTF-16 units. */
const mostShapes = 8;
const longestText = 256;

/**
 * The shapes that one end of a stream has learnt.
 *
 * Invariant: both ends learn from the same objects in the same order, so that a shape has the same number at both.
 */
export class TypedShapes {
  readonly #shapes: TypedShape[] = [];

  /** The shape that fitted last, tried first: most streams have one. */
  #likely = 0;

  /** The primitives of the object that is being written or read; reused, so that no list is made for each. */
  readonly #leaves: unknown[] = [];

  /** Learns the shape of `value`, which was sent as JSON. */
  learn(value: unknown): void {
    if (this.#shapes.length >= mostShapes) return;
    const shape = shapeOf([value]);
    if (!shape) return;
    const types = typesOf(value);
    this.#likely = this.#shapes.push({ shape, mould: mouldOf(shape), types, texts: types.map(() => '') }) - 1;
  }

  /**
   * Writes `value` from the word `at` to before `limit`; gives the end, or `-1` if the shape is unknown or lacks room.
   */
  write(value: object, memory: Words, at: number, limit: number): number {
    const count = this.#shapes.length;
    for (let i = 0; i < count; i += 1) {
      const id = (this.#likely + i) % count;
      const { shape, types } = this.#shapes[id] as TypedShape;
      const leaves = flatten(shape, [value], this.#leaves);
      const end = leaves ? writeLeaves(leaves, types, memory, at + 1, limit) : -1;
      if (end < 0) continue;
      this.#likely = id;
      memory.words[at] = id;
      return end;
    }
    return -1;
  }

  /** Reads the object that begins at the word `at`. */
  read(memory: Words, at: number): unknown {
    const { mould, types, texts } = this.#shapes[memory.words[at] as number] as TypedShape;
    readLeaves(this.#leaves, types, texts, memory, at + 1);
    return inflate(mould.parts[0] as Mould, this.#leaves, 0);
  }
}

/** The types of the primitives in `value`, in order. */
function typesOf(value: unknown): LeafType[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(typesOf);
  if (value === null) return ['null'];
  return [typeof value === 'string' ? 'text' : (typeof value as 'boolean' | 'number')];
}

function writeLeaves(
  leaves: readonly unknown[],
  types: readonly LeafType[],
  { words, bytes }: Words,
  from: number,
  limit: number,
): number {
  let at = from;
  for (let i = 0; i < types.length; i += 1) {
    const leaf = leaves[i];
    switch (types[i] as LeafType) {
      case 'number':
        if (typeof leaf !== 'number' || at >= limit) return -1;
        words[at] = leaf;
        at += 1;
        break;
      case 'boolean':
        if (typeof leaf !== 'boolean' || at >= limit) return -1;
        words[at] = leaf ? 1 : 0;
        at += 1;
        break;
      case 'null':
        if (leaf !== null) return -1;
        break;
      case 'text':
        if (typeof leaf !== 'string' || at + wordsFor(leaf.length) >= limit) return -1;
        words[at] = leaf.length;
        if (!writeText(leaf, bytes, (at + 1) * 8)) return -1;
        at += 1 + wordsFor(leaf.length);
    }
  }
  return at;
}

const wordsFor = (length: number): number => (length + 7) >> 3;

/** Writes a short Latin-1 text; gives `false` for any other. */
function writeText(text: string, bytes: Uint8Array, begin: number): boolean {
  const { length } = text;
  if (length > longestText) return false;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) return false;
    bytes[begin + i] = unit;
  }
  return true;
}

function readLeaves(
  leaves: unknown[],
  types: readonly LeafType[],
  texts: string[],
  { words, bytes }: Words,
  from: number,
): void {
  let at = from;
  for (let i = 0; i < types.length; i += 1) {
    const type = types[i] as LeafType;
    if (type === 'null') {
      leaves[i] = null;
      continue;
    }
    const word = words[at] as number;
    at += 1;
    if (type === 'number') leaves[i] = word;
    else if (type === 'boolean') leaves[i] = word === 1;
    else {
      leaves[i] = texts[i] = readText(bytes, at * 8, word, texts[i] as string);
      at += wordsFor(word);
    }
  }
}

/** Reads a text; gives `last`, the text of the previous object, if it is the same, which saves making a string. */
function readText(bytes: Uint8Array, begin: number, length: number, last: string): string {
  if (length === last.length) {
    let i = 0;
    while (i < length && last.charCodeAt(i) === bytes[begin + i]) i += 1;
    if (i === length) return last;
  }
  return (bytes as Buffer).toString('latin1', begin, begin + length);
}
