/** The shared memory between a generator and its consumer: what it holds, and where. @module */

import { growable } from '../base/growable.ts';
import type { GrowableMemory } from '../base/growable.ts';

/** What happens to items for which there is no room. */
export type Overflow = 'block' | 'error' | 'drop-oldest' | 'drop-newest';

/** What both ends are given. */
export interface StreamOffer {
  readonly memory: SharedArrayBuffer;

  /** How many items may exist that were not taken; `0` for lock-step, `Infinity` for no bound. */
  readonly maxSize: number;
  readonly overflow: Overflow;

  /** Whether the generator's end says when it starts. */
  readonly isTimed?: boolean;
}

/** Fields of the header; those that are written often by different threads stand in cache lines of their own. */
export const RingWord = {
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

  /** Whether the consumer was told what the source has thrown. */
  told: 54,
} as const;

/** Values of {@link RingWord.producer}: at work, asleep, or waiting for a message in its loop. */
export const waiting = { no: 0, asleep: 1, inLoop: 2 } as const;

/** Values of {@link RingWord.sleeps}: not at all, waiting for a message in its loop, or asleep on the field. */
export const sleeping = { no: 0, inLoop: 1, blocked: 2 } as const;

/** Values of {@link RingWord.closed}: none, the consumer, who wants no more, or the generator, which has thrown. */
export const stopped = { no: 0, byConsumer: 1, byError: 2 } as const;

const headerFields = 64;

/** How many items are in the ring at the most; those beyond travel in messages. A power of two. */
const mostSlots = 2048;

/**
 * How many bytes there are for texts and chunks to begin with, how many times as many each time there is no room, and the
 * most there may be for each item and at all. Most streams need few of them, and to make many at once takes 0.1 ms.
 */
const firstBytes = 2 ** 12;
const growth = 4;
const mostPerItem = 2 ** 17;
const mostBytes = 2 ** 20;

/** The parts of a ring, as views of its memory. */
export interface Ring {
  readonly header: Int32Array;

  /** What each slot holds: the number of the item times eight, and its kind, up to `shaped`. */
  readonly marks: Int32Array;
  readonly values: Float64Array;

  /** The bytes as far as this end knows, which are all it has met: see {@link see}. */
  bytes: Buffer;

  /** The same memory as `bytes`, as words. */
  words: Float64Array;
  readonly memory: GrowableMemory;

  /** What makes a slot of a number. */
  readonly mask: number;
}

/** Memory for a ring of `maxSize` items. */
export function ringMemory(maxSize: number): SharedArrayBuffer {
  const slots = slotsFor(maxSize);
  const head = headOf(slots);
  return growable(head + firstBytes, head + Math.min(mostBytes, slots * mostPerItem));
}

/** The parts of the ring in the memory of `offer`. */
export function openRing({ memory, maxSize }: StreamOffer): Ring {
  const slots = slotsFor(maxSize);
  const header = new Int32Array(memory, 0, headerFields);
  const values = new Float64Array(memory, headerFields * 4, slots);
  const marks = new Int32Array(memory, headerFields * 4 + slots * 8, slots);
  return { header, values, marks, ...viewsOf(memory, slots), memory: memory as GrowableMemory, mask: slots - 1 };
}

/** Sees the bytes up to `end`, if the other end has made them more. */
export function see(ring: Ring, end: number): void {
  if (end > ring.bytes.length) Object.assign(ring, viewsOf(ring.memory, ring.mask + 1));
}

/** Makes the bytes of `ring` more, up to twice `least` at the least; says whether they could be. */
export function grow(ring: Ring, least: number): boolean {
  const { bytes, memory, mask } = ring;
  const head = headOf(mask + 1);
  const most = memory.maxByteLength - head;
  const length = Math.min(most, Math.max(bytes.length * growth, least * 2));
  if (length <= bytes.length || least * 2 > length) return false;
  memory.grow(head + length);
  see(ring, length);
  return true;
}

function viewsOf(memory: SharedArrayBuffer, slots: number): Pick<Ring, 'bytes' | 'words'> {
  const head = headOf(slots);
  const length = Math.floor((memory.byteLength - head) / wordSize);
  const bytes = Buffer.from(memory as unknown as ArrayBuffer, head, length * wordSize);
  return { bytes, words: new Float64Array(memory, head, length) };
}

/** Where the bytes of a ring begin. */
const headOf = (slots: number): number => headerFields * 4 + slots * (4 + 8);

/** How many items were produced and not taken. */
export function sizeOf({ header }: Ring): number {
  return (Atomics.load(header, RingWord.produced) - Atomics.load(header, RingWord.taken)) | 0;
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
