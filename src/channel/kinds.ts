/** What an item in shared memory is: one table, for the rings of generators and for channels. @module */

/** Kinds of items. Rings have three bits for them, so what only channels have comes after the others. */
export const Kind = {
  number: 1,
  constant: 2,
  text: 3,
  json: 4,
  bytes: 5,
  buffer: 6,

  /** An object of a shape that both ends of a ring know. */
  shaped: 7,

  /** A text that UTF-8 would change. */
  wideText: 8,

  /** Bytes of a value: see `codec/bytes`. */
  packed: 9,

  /** No item: the next one is in the next segment of the channel's memory. */
  jump: 10,
} as const;

/** The values of {@link Kind.constant}, by what is written for them. */
export const constants: readonly unknown[] = [undefined, null, false, true];
