/** The format of values as bytes: the tag that begins each value. @module */

/** The first byte of the output. A change of the format changes this number. */
export const version = 1;

/**
 * Each value begins with a tag of one byte. Numbers are varints (seven bits a byte, the lowest first) unless said
 * otherwise. Objects are numbered in the order in which they begin; {@link Tag.again} refers to such a number.
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

  /** The sign (0 or 1), the number of bytes, and the magnitude, highest byte first. */
  bigint: 6,

  /**
   * For ASCII: twice the number of bytes, and the bytes. For other text: the same plus one, the {@link Encoding}, the
   * bytes.
   */
  text: 7,

  /**
   * The number of fields, a text without tag for each name, then a value for each. The list of names becomes the next
   * shape before the values follow, so that these may have the same shape.
   */
  object: 8,

  /** The number of a shape, and a value for each of its names. */
  shaped: 9,

  /** The number of items, and each item. */
  array: 10,

  /**
   * An array with gaps or fields beside its items: the length, the number of fields, and a text and a value for each.
   */
  sparse: 11,

  /** The number of entries, and a key and a value for each. */
  map: 12,

  /** The number of items, and each item. */
  set: 13,

  /** Eight bytes: milliseconds since the epoch, or NaN. */
  date: 14,

  /** Two texts without tags: the source and the flags. */
  regexp: 15,

  /** The primitive in the object. */
  boxed: 16,

  /** The number of bytes, and the bytes. */
  memory: 17,

  /** The number of the view's type, the memory, the offset in it and the number of bytes. */
  view: 18,

  /** The number of an object that has begun before. */
  again: 19,

  /** How many bytes the memory can grow to, the number of bytes, and the bytes. */
  resizable: 20,

  /** As `view`, but without the number of bytes: the view tracks the length of its memory. */
  tracking: 21,
} as const;

/** The encoding of text that is not ASCII. Text with lone surrogates needs UTF-16. */
export const Encoding = { utf8: 0, utf16: 1 } as const;

/**
 * The types of views by their numbers. The order is part of the format. Only some versions of Node.js have the last
 * one.
 */
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

/** How many shapes get a number. An object of a later shape is written with its names. */
export const mostShapes = 256;
