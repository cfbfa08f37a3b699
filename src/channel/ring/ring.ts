/** The ring buffer in shared memory between a generator and its consumer: its fields and layout. @module */

import { growable } from '../../base/growable.ts';
import type { GrowableMemory } from '../../base/growable.ts';

/** What happens to items for which there is no room. */
export type Overflow = 'block' | 'error' | 'drop-oldest' | 'drop-newest';

/** The memory and options that both ends of a stream are given. */
export interface StreamOffer {
  readonly memory: SharedArrayBuffer;

  /** How many items may wait to be taken; `0` for lock-step, `Infinity` for no bound. */
  readonly maxSize: number;
  readonly overflow: Overflow;

  /** Whether the generator's thread tells when the generator starts, because the call has a `timeout`. */
  readonly isTimed?: boolean;
}

/** Fields of the header. Fields that different threads write often are in separate cache lines. */
export const RingWord = {
  /** How many items were produced, in the ring or in messages. An item's number is this count before it, from 0. */
  produced: 0,

  /** How many items were taken, or dropped as the oldest. */
  taken: 16,

  /** In lock-step: how many items were asked for. */
  asked: 17,

  /** How many items of an argument its thread has done with: it has asked for the one after them. */
  moved: 18,

  /** Which end was the first to stop: {@link stopped}. */
  closed: 32,

  /** How many messages the consumer has sent: values and errors for the generator. */
  mailed: 33,

  /**
   * Whether and how the generator's thread waits: {@link waiting}. It sleeps on this word; waking it resets the word.
   */
  producer: 48,

  /** Whether the consumer waits and has to be woken: {@link sleeping}. */
  sleeps: 49,

  /** How many items were dropped. */
  dropped: 50,

  /** How many messages with items have arrived. */
  arrived: 51,

  /** How many urgent errors were thrown at the generator, and the number of the first item after the last of them. */
  thrown: 52,
  thrownAt: 53,

  /** Whether the consumer has thrown the source's error, or an error of its own that takes precedence. */
  told: 54,
} as const;

/** Values of {@link RingWord.producer}: at work, asleep, or waiting for a message in its loop. */
export const waiting = { no: 0, asleep: 1, inLoop: 2 } as const;

/** Values of {@link RingWord.sleeps}: not at all, waiting for a message in its loop, or asleep on the field. */
export const sleeping = { no: 0, inLoop: 1, blocked: 2 } as const;

/** Values of {@link RingWord.closed}: no end has stopped, the consumer has closed, or the generator has thrown. */
export const stopped = { no: 0, byConsumer: 1, byError: 2 } as const;

const headerFields = 64;

/** How many items the ring holds at the most; further items go in messages. A power of two. */
const mostSlots = 2048;

/**
 * The size of the area for texts and chunks: its first size in bytes, the factor by which it grows when there is no
 * room, and its limits, per item and in all. Most streams need little, and allocating much at once takes 0.1 ms.
 */
const firstBytes = 2 ** 12;
const growth = 4;
const mostPerItem = 2 ** 17;
const mostBytes = 2 ** 20;

/** The parts of a ring, as views of its memory. */
export interface Ring {
  readonly header: Int32Array;

  /** A tag for each slot: the number of its item times eight, plus the item's kind, up to `shaped`. */
  readonly tags: Int32Array;
  readonly values: Float64Array;

  /** The area for texts and chunks, as far as this end has seen it grow: see {@link see}. */
  bytes: Buffer;

  /** The same memory as `bytes`, as words. */
  words: Float64Array;
  readonly memory: GrowableMemory;

  /** The bits of an item's number that select its slot. */
  readonly mask: number;
}

/** Allocates a ring for `maxSize` items. */
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
  const tags = new Int32Array(memory, headerFields * 4 + slots * 8, slots);
  return { header, values, tags, ...viewsOf(memory, slots), memory: memory as GrowableMemory, mask: slots - 1 };
}

/** Renews the views of the ring if the other end has made it grow and they do not reach `end`. */
export function see(ring: Ring, end: number): void {
  if (end > ring.bytes.length) Object.assign(ring, viewsOf(ring.memory, ring.mask + 1));
}

/** Makes the byte area of `ring` grow, to twice `least` at the least; gives whether that was possible. */
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

/** The offset of a ring's byte area. */
const headOf = (slots: number): number => headerFields * 4 + slots * (4 + 8);

/** How many items wait to be taken. */
export function sizeOf({ header }: Ring): number {
  return (Atomics.load(header, RingWord.produced) - Atomics.load(header, RingWord.taken)) | 0;
}

/** Texts, chunks and objects in the byte area begin at multiples of so many bytes. */
export const wordSize = 8;

/** Two slots at least, so that the tags, of four bytes each, keep the byte area after them aligned to eight. */
function slotsFor(maxSize: number): number {
  let slots = 2;
  while (slots < maxSize && slots < mostSlots) slots *= 2;
  return slots;
}

/** The slot of a text or a chunk holds its span: offset and length in the byte area, packed into one number. */
const lengths = 2 ** 20;

export const spanOf = (offset: number, length: number): number => offset * lengths + length;
export const offsetOf = (span: number): number => Math.floor(span / lengths);
export const lengthOf = (span: number): number => span % lengths;
