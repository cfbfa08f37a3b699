/** The shared memory between a generator and its consumer: what it holds, and where. @module */

/** What happens to items for which there is no room. */
export type Overflow = 'block' | 'error' | 'drop-oldest' | 'drop-newest';

/** What both ends are given. */
export interface StreamOffer {
  readonly memory: SharedArrayBuffer;

  /** How many items may exist that were not taken; `0` for lock-step, `Infinity` for no bound. */
  readonly maxSize: number;
  readonly overflow: Overflow;
}

/** Fields of the header; those that are written often by different threads stand in cache lines of their own. */
export const Field = {
  /** How many items were produced, be they in the ring or in messages. Items are numbered by it, from 0. */
  produced: 0,

  /** How many items were taken, or dropped as the oldest. */
  taken: 16,

  /** In lock-step: how many items were asked for. */
  asked: 17,

  /** Which end was the first to stop: {@link stopped}. */
  closed: 32,

  /** How many messages the consumer has sent: values and errors for the generator. */
  mailed: 33,

  /** Whether the generator's thread waits: {@link waiting}. It sleeps here, and who wakes it says that it does not. */
  producer: 48,

  /** Whether the consumer waits and has to be woken: {@link sleeping}. */
  sleeps: 49,

  /** How many items were dropped. */
  dropped: 50,

  /** How many items that travelled in messages have arrived. */
  arrived: 51,

  /** How many errors the generator was given out of turn, and the number of the first item after the last of them. */
  thrown: 52,
  thrownAt: 53,
} as const;

/** Values of {@link Field.producer}: at work, asleep, or waiting for a message in its loop. */
export const waiting = { no: 0, asleep: 1, inLoop: 2 } as const;

/** Values of {@link Field.sleeps}: not at all, waiting for a message in its loop, or asleep on the field. */
export const sleeping = { no: 0, inLoop: 1, blocked: 2 } as const;

/** Values of {@link Field.closed}: none, the consumer, who wants no more, or the generator, which has thrown. */
export const stopped = { no: 0, byConsumer: 1, byError: 2 } as const;

/** What a slot holds. A mark is the item's number times eight and one of these. */
export const Kind = { number: 1, constant: 2, text: 3, json: 4, bytes: 5, buffer: 6, shaped: 7 } as const;

/** The values of {@link Kind.constant}, by what their slot says. */
export const constants: readonly unknown[] = [undefined, null, false, true];

const headerFields = 64;

/** How many items are in the ring at the most; those beyond travel in messages. A power of two. */
const mostSlots = 2048;

/** How many bytes there are for texts and chunks: so many for each item, but not fewer or more than these. */
const bytesPerItem = 256;
const leastBytes = 2 ** 12;
const mostBytes = 2 ** 18;

/** The parts of a ring, as views of its memory. */
export interface Ring {
  readonly header: Int32Array;
  readonly marks: Int32Array;
  readonly values: Float64Array;
  readonly bytes: Buffer;

  /** The same memory as `bytes`, as words. */
  readonly words: Float64Array;

  /** What makes a slot of a number. */
  readonly mask: number;
}

/** Memory for a ring of `maxSize` items. */
export function ringMemory(maxSize: number): SharedArrayBuffer {
  const slots = slotsFor(maxSize);
  const bytes = Math.min(mostBytes, Math.max(leastBytes, slots * bytesPerItem));
  return new SharedArrayBuffer(headerFields * 4 + slots * (4 + 8) + bytes);
}

/** The parts of the ring in the memory of `offer`. */
export function openRing({ memory, maxSize }: StreamOffer): Ring {
  const slots = slotsFor(maxSize);
  const header = new Int32Array(memory, 0, headerFields);
  const values = new Float64Array(memory, headerFields * 4, slots);
  const marks = new Int32Array(memory, headerFields * 4 + slots * 8, slots);
  const bytes = Buffer.from(memory as unknown as ArrayBuffer, headerFields * 4 + slots * 12);
  const words = new Float64Array(memory, headerFields * 4 + slots * 12, bytes.length / 8);
  return { header, values, marks, bytes, words, mask: slots - 1 };
}

/** How many items were produced and not taken. */
export function sizeOf({ header }: Ring): number {
  return (Atomics.load(header, Field.produced) - Atomics.load(header, Field.taken)) | 0;
}

/** What stands in the bytes of a ring begins at a word. */
export const wordSize = 8;

/** Two slots at least, so that the values, of eight bytes each, are followed by what is aligned. */
function slotsFor(maxSize: number): number {
  let slots = 2;
  while (slots < maxSize && slots < mostSlots) slots *= 2;
  return slots;
}

/** What the slot of a text or a chunk says: where it stands and how long it is. */
const lengths = 2 ** 20;

export const placeOf = (offset: number, length: number): number => offset * lengths + length;
export const offsetOf = (place: number): number => Math.floor(place / lengths);
export const lengthOf = (place: number): number => place % lengths;
