/** The messages of one topic in memory, by partitions. @module */

import { wallTime } from '../../base/clock.ts';
import { argumentError } from '../../base/errors.ts';
import { partitionOf } from '../../streams/groups/partition-of.ts';
import type { OutgoingMessage, StartPosition } from '../transport.ts';

/** A message as it is kept. */
export interface Entry extends Pick<OutgoingMessage, 'key' | 'value' | 'headers'> {
  readonly partition: number;
  readonly position: number;
  readonly time: number;
}

/**
 * The messages of one partition, each by its number in the partition.
 *
 * Invariant: the positions rise.
 */
class Part {
  #entries: Entry[] = [];

  /** The first so many of `#entries` are not kept any more. */
  #gone = 0;

  /** The number of the first one of `#entries`. */
  #base = 0;

  get first(): number {
    return this.#base + this.#gone;
  }

  get end(): number {
    return this.#base + this.#entries.length;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  at(number: number): Entry | undefined {
    return number < this.first ? undefined : this.#entries[number - this.#base];
  }

  /** The number of the first message for which `isIn` holds; it holds for all after that one. */
  find(isIn: (entry: Entry) => boolean): number {
    let [low, high] = [this.first, this.end];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isIn(this.at(middle) as Entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  dropFirst(): void {
    this.#gone += 1;
    // Slicing at half copies a constant number of entries for each that goes, on average.
    if (this.#gone * 2 <= this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#gone);
    this.#base += this.#gone;
    this.#gone = 0;
  }
}

/**
 * The messages of a topic, in order.
 *
 * Invariant: no two messages have the same position, and the one sent later has the higher one.
 */
export class Log {
  readonly #parts: readonly Part[];

  /** The position of the next message. */
  end = 0;

  /** How many are kept. */
  size = 0;
  #turn = 0;

  constructor(partitions: number) {
    this.#parts = Array.from({ length: partitions }, () => new Part());
  }

  get partitions(): number {
    return this.#parts.length;
  }

  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if there is no such partition. */
  append({ key, value, headers, partition: wished, topic }: OutgoingMessage): Entry {
    const count = this.#parts.length;
    if (wished !== undefined && wished >= count)
      throw argumentError(`Cannot send to partition ${wished} of the topic ${topic}: it has ${count}, from 0`);
    const partition = wished ?? (key ? partitionOf(Buffer.from(key).toString('latin1'), count) : this.#turn++ % count);
    const entry: Entry = { key, value, headers, partition, position: this.end, time: wallTime() };
    this.end += 1;
    this.size += 1;
    this.#parts[partition]?.push(entry);
    return entry;
  }

  /** The message of this number in its partition. */
  at(partition: number, number: number): Entry | undefined {
    return this.#parts[partition]?.at(number);
  }

  /** The number of the first message that is kept. */
  firstOf(partition: number): number {
    return this.#parts[partition]?.first ?? 0;
  }

  /** The number of the message that comes next. */
  endOf(partition: number): number {
    return this.#parts[partition]?.end ?? 0;
  }

  /** The number in `partition` of the first message from `start` on. */
  find(partition: number, start: StartPosition): number {
    const part = this.#parts[partition] as Part;
    switch (start.at) {
      case 'first':
        return part.first;
      case 'last':
        return part.find(({ position }) => position >= this.end - 1);
      case 'new':
        return part.end;
      case 'position':
        return part.find(({ position }) => position >= start.position);
      case 'time':
        return part.find(({ time }) => time >= start.time);
      default: {
        const wished = start.positions[partition];
        return wished === undefined ? part.first : part.find(({ position }) => position >= wished);
      }
    }
  }

  /** Drops the oldest messages until `most` are kept, but none for which `isNeeded` holds. */
  trim(most: number, isNeeded: (partition: number, number: number) => boolean): void {
    while (this.size > most) {
      let oldest: Entry | undefined;
      for (const part of this.#parts) {
        const entry = part.at(part.first);
        if (entry && (!oldest || entry.position < oldest.position)) oldest = entry;
      }
      if (!oldest) return;
      const part = this.#parts[oldest.partition] as Part;
      if (isNeeded(oldest.partition, part.first)) return;
      part.dropFirst();
      this.size -= 1;
    }
  }
}
