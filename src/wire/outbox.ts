/** What one end of a lane has to say, gathered into messages: records that are ready together leave together. @module */

import type { Transferable } from 'node:worker_threads';
import type { Branch } from '../codec/shape.ts';
import { runTag, shapeRecord } from './messages.ts';
import { LaneWord, keptSenders } from './control.ts';
import type { DownRecord, UpRecord } from './messages.ts';
import type { Transport } from './transport.ts';

const none: readonly Transferable[] = [];

/**
 * Records that wait to leave as one message. What waits holds values that nobody can change any more.
 *
 * Invariant: records leave in the order in which they were added, whether they wait or not.
 */
export class Outbox<R extends DownRecord | UpRecord> {
  /** In a thread, the `id` of the call that has begun last. */
  sender = 0;

  readonly #transport: Transport;
  readonly #control: Int32Array;
  readonly #cell: number;
  #records: unknown[] = [];
  #count = 0;

  /** Where the open run begins; `-1` if something else was added since. */
  #runAt = -1;
  #runKey = 0;
  #runWidth = 0;
  #runHead = 0;
  #runCount = 0;

  #runShape: Branch | undefined;

  /** `id` of the call that would follow the run. */
  #runNext = 0;

  /** The shapes that the other end was told of, with their numbers, and whether one of them has yet to leave. */
  readonly #shapes = new Map<Branch, number>();
  #hasNewShape = false;

  /** `cell` of `control` counts the messages, for an other end that looks before it is told. */
  constructor(transport: Transport, control: Int32Array, cell: number) {
    this.#transport = transport;
    this.#control = control;
    this.#cell = cell;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** How many fields wait. */
  get size(): number {
    return this.#records.length;
  }

  /** Lets `record` leave with the next message. */
  add(record: R): void {
    this.#endRun();
    this.#records.push(...record);
  }

  /**
   * Lets the `items` of the call `id`, or what they are of `shape`, leave with the next message, in one run with those of
   * the calls before it, if they have the same `key` and form. `head` is the run's third field, to which each further call
   * adds `more`.
   */
  addToRun(id: number, key: number, head: number, more: number, items: readonly unknown[], shape?: Branch): void {
    const width = items.length;
    const isNext = this.#runAt >= 0 && key === this.#runKey && id === this.#runNext;
    if (isNext && width === this.#runWidth && shape === this.#runShape) {
      this.#runHead += more;
      this.#runCount += 1;
    } else {
      this.#endRun();
      const form = shape ? -1 - this.#numberOf(shape) : width;
      this.#runAt = this.#records.length;
      this.#runKey = key;
      this.#runWidth = width;
      this.#runShape = shape;
      this.#runHead = head;
      this.#runCount = 1;
      this.#records.push(runTag, id, 0, 0, form);
    }
    this.#runNext = (id + 1) | 0;
    for (let i = 0; i < width; i += 1) this.#records.push(items[i]);
  }

  #numberOf(shape: Branch): number {
    const known = this.#shapes.get(shape);
    if (known !== undefined) return known;
    const number = this.#shapes.size;
    this.#records.push(...shapeRecord(number, shape));
    this.#shapes.set(shape, number);
    this.#hasNewShape = true;
    return number;
  }

  /** Sends `record` now, with what waits. It may hold objects that live on, and things that move. */
  send(record: R, transfer: readonly Transferable[] = none): void {
    // If the record cannot be read, what is in its message is lost.
    if (this.#hasNewShape) this.flush();
    this.#endRun();
    const before = this.#records.length;
    this.#records.push(...record);
    try {
      this.#post(this.#records, transfer);
    } catch (error) {
      // Only this one was refused.
      this.#records.length = before;
      throw error;
    }
    this.#records = [];
  }

  /** As {@link send}, but without what waits: that could not be read with it if it turns out to be too much to read. */
  sendAlone(record: R, transfer: readonly Transferable[] = none): void {
    this.flush();
    this.send(record, transfer);
  }

  /** Sends what waits. An arrow function, so that it can be scheduled as it is. */
  readonly flush = (): void => {
    if (this.#records.length === 0) return;
    this.#endRun();
    const records = this.#records;
    this.#records = [];
    this.#hasNewShape = false;
    this.#post(records, none);
  };

  /** Writes what is known of a run only when it is over: a sum in the records would be a new number for each call. */
  #endRun(): void {
    if (this.#runAt < 0) return;
    this.#records[this.#runAt + 2] = this.#runHead;
    this.#records[this.#runAt + 3] = this.#runCount;
    this.#runAt = -1;
  }

  #post(records: unknown[], transfer: readonly Transferable[]): void {
    if (this.#cell === LaneWord.up) this.#control[LaneWord.senders + ((this.#count + 1) % keptSenders)] = this.sender;
    this.#transport.post(records, transfer);
    this.#count += 1;
    Atomics.add(this.#control, this.#cell, 1);
    // Only a thread ever blocks, and says so in the field after the one that it sleeps on.
    if (Atomics.load(this.#control, this.#cell + 1) !== 0) Atomics.notify(this.#control, this.#cell);
  }
}
