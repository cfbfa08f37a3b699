/** Gathers the records that one end of a lane sends into messages: records of one turn leave together. @module */

import type { Transferable } from 'node:worker_threads';
import type { Branch } from '../codec/quick/shape.ts';
import { runTag, shapeRecord } from './messages.ts';
import { LaneWord, keptSenders } from './control.ts';
import type { DownRecord, UpRecord } from './messages.ts';
import type { Transport } from './transport.ts';

const none: readonly Transferable[] = [];

/**
 * Records that wait to leave as one message. They hold only values that the user's code can no longer change.
 *
 * Invariant: records leave in the order in which they were added, whether they wait or not.
 */
export class Outbox<R extends DownRecord | UpRecord> {
  /** In a thread, the `id` of the call that has begun last. */
  sender = 0;

  /**
   * How many calls the last run of the message that left last had. If that was one, or none, the next one probably has no
   * company either, and need not wait for it. Only this class writes it.
   */
  lastRun = 0;

  /** The fields that wait. Only this class writes it; it is no private one, as each call reads it. */
  records: unknown[] = [];

  readonly #transport: Transport;
  readonly #control: Int32Array;
  readonly #cell: number;
  #count = 0;

  /** The index at which the open run begins; `-1` if another record was added since. */
  #runAt = -1;
  #runKey = 0;
  #runWidth = 0;
  #runHead = 0;
  #runCount = 0;

  #runShape: Branch | undefined;

  /** The `id` that the next call of the run has to have. */
  #runNext = 0;

  /**
   * The shapes that were defined for the other end, with their numbers; and whether one of these records still waits.
   */
  readonly #shapes = new Map<Branch, number>();
  #hasNewShape = false;

  /** `cell` of `control` counts the messages, so that the other end can poll for them. */
  constructor(transport: Transport, control: Int32Array, cell: number) {
    this.#transport = transport;
    this.#control = control;
    this.#cell = cell;
  }

  get isEmpty(): boolean {
    return this.records.length === 0;
  }

  /** How many fields wait. */
  get size(): number {
    return this.records.length;
  }

  /** Lets `record` leave with the next message. */
  add(record: R): void {
    this.#endRun();
    this.records.push(...record);
  }

  /**
   * Lets the `items` of the call `id` leave with the next message, in one run with the calls before it if these have
   * the same `key` and number or shape of items. With `shape`, the `items` are the primitives of objects of that shape.
   * `head` is the third field of the run; each further call adds `more` to it.
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
      this.#runAt = this.records.length;
      this.#runKey = key;
      this.#runWidth = width;
      this.#runShape = shape;
      this.#runHead = head;
      this.#runCount = 1;
      this.records.push(runTag, id, 0, 0, form);
    }
    this.#runNext = (id + 1) | 0;
    for (let i = 0; i < width; i += 1) this.records.push(items[i]);
  }

  /** As {@link addToRun}, but the run leaves at once, with the records that wait. */
  sendRun(id: number, head: number, items: readonly unknown[], shape?: Branch): void {
    if (this.#runAt >= 0) this.#endRun();
    const form = shape ? -1 - this.#numberOf(shape) : items.length;
    const { records } = this;
    records.push(runTag, id, head, 1, form);
    for (let i = 0; i < items.length; i += 1) records.push(items[i]);
    this.records = [];
    this.#hasNewShape = false;
    this.lastRun = 1;
    this.#post(records, none);
  }

  #numberOf(shape: Branch): number {
    const known = this.#shapes.get(shape);
    if (known !== undefined) return known;
    const number = this.#shapes.size;
    this.records.push(...shapeRecord(number, shape));
    this.#shapes.set(shape, number);
    this.#hasNewShape = true;
    return number;
  }

  /** Sends `record` now, with the records that wait. It may hold objects of the user's, and objects to transfer. */
  send(record: R, transfer: readonly Transferable[] = none): void {
    // If `record` turns out to be unreadable, its whole message is lost: a new shape must not be in it.
    if (this.#hasNewShape) this.flush();
    this.#endRun();
    const before = this.records.length;
    this.records.push(...record);
    try {
      this.#post(this.records, transfer);
    } catch (error) {
      // Only `record` was refused: the records that waited go on waiting.
      this.records.length = before;
      throw error;
    }
    this.records = [];
  }

  /**
   * As {@link send}, but in a message of its own: so no other record is lost if `record` turns out to be unreadable.
   */
  sendAlone(record: R, transfer: readonly Transferable[] = none): void {
    this.flush();
    this.send(record, transfer);
  }

  /** Sends the records that wait. An arrow function, so that it can be passed to `queueMicrotask`. */
  readonly flush = (): void => {
    if (this.records.length === 0) return;
    this.#endRun();
    const records = this.records;
    this.records = [];
    this.#hasNewShape = false;
    this.lastRun = this.#runCount;
    this.#runCount = 0;
    this.#post(records, none);
  };

  /**
   * Writes the head of a run only when the run is over: updating a sum in the list would allocate a number for each
   * call.
   */
  #endRun(): void {
    if (this.#runAt < 0) return;
    this.records[this.#runAt + 2] = this.#runHead;
    this.records[this.#runAt + 3] = this.#runCount;
    this.#runAt = -1;
  }

  #post(records: unknown[], transfer: readonly Transferable[]): void {
    if (this.#cell === LaneWord.up) this.#control[LaneWord.senders + ((this.#count + 1) % keptSenders)] = this.sender;
    this.#transport.post(records, transfer);
    this.#count += 1;
    Atomics.add(this.#control, this.#cell, 1);
    // Only a thread sleeps on its count of messages, and says so in the field after the count.
    if (Atomics.load(this.#control, this.#cell + 1) !== 0) Atomics.notify(this.#control, this.#cell);
  }
}
