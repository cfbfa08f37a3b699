/** The format of values as bytes: what a byte that begins a value says. @module */

/** The first byte of everything that is written. Another format gets another number. */
export const version = 2;

/**
 * One byte begins each value. Numbers in it are varints (seven bits a byte, the lowest first) unless said otherwise.
 * Each object has the number of its place in the order in which objects begin, and a later {@link Tag.again} names it.
 */
export const Tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,

  /** A whole number of 32 bits, as a zigzag varint. */
  integer: 4,

  /** Any other number: eight bytes, little-endian. */
  double: 5,

  /** A sign (0 or 1), how many bytes, and the magnitude, highest byte first. */
  bigint: 6,

  /** Twice how many bytes, and ASCII; for other text one more, the {@link Encoding}, and the bytes. */
  text: 7,

  /**
   * How many fields; a text without its tag for each, and then a value for each. The list of the names becomes the next
   * shape before there are values, so that these may have it.
   */
  object: 8,

  /** The number of a shape, and a value for each of its names. */
  shaped: 9,

  /** How many items, and each. */
  array: 10,

  /** The length, how many fields, and a text and a value for each: an array with gaps or with fields beside its items. */
  sparse: 11,

  /** How many entries, and a key and a value for each. */
  map: 12,

  /** How many items, and each. */
  set: 13,

  /** Eight bytes: milliseconds, or NaN. */
  date: 14,

  /** Two texts without their tags: source and flags. */
  regexp: 15,

  /** The primitive in it. */
  boxed: 16,

  /** How many bytes, and these. */
  memory: 17,

  /** The number of the type, the memory, the offset there and how many bytes. */
  view: 18,

  /** The number of the object. */
  again: 19,

  /** To how many bytes it can grow, how many it has, and these. */
  resizable: 20,

  /** As `view`, but without how many bytes: it goes to the end of its memory, wherever that is. */
  tracking: 21,
} as const;

/** How text that is not ASCII was encoded: lone surrogates need UTF-16. */
export const Encoding = { utf8: 0, utf16: 1 } as const;

/** Types of views, by the number that stands for them. Their order is part of the format; only some Nodes have the last. */
export const viewTypes: readonly string[] = [
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
];

/** How many shapes have a number; an object of one that came later is written with its names. */
export const mostShapes = 256;
