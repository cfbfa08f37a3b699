/** What one end of a lane has to say, gathered into messages: records that are ready together leave together. @module */

import type { MessagePort, Transferable } from 'node:worker_threads';
import { runTag } from '../codec/messages.ts';
import type { DownRecord, UpRecord } from '../codec/messages.ts';

const none: readonly Transferable[] = [];

/**
 * Records that wait to leave as one message. What waits holds values that nobody can change any more.
 *
 * Invariant: records leave in the order in which they were added, whether they wait or not.
 */
export class Outbox<R extends DownRecord | UpRecord> {
  readonly #port: MessagePort;
  readonly #control: Int32Array;
  readonly #cell: number;
  #records: unknown[] = [];

  /** Where the run begins that the last item belongs to; `-1` if something else was added since. */
  #runAt = -1;
  #runKey = 0;

  /** `cell` of `control` counts the messages, for an other end that looks before it is told. */
  constructor(port: MessagePort, control: Int32Array, cell: number) {
    this.#port = port;
    this.#control = control;
    this.#cell = cell;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** Lets `record` leave with the next message. */
  add(record: R): void {
    this.#runAt = -1;
    this.#records.push(...record);
  }

  /**
   * Lets `item` of the call `id` leave with the next message, in one run with those of the calls before it, if they have
   * the same `key`. `head` is the run's third field, to which each further item adds `more`.
   */
  addToRun(id: number, key: number, head: number, more: number, item: unknown): void {
    const records = this.#records;
    const at = this.#runAt;
    if (at >= 0 && key === this.#runKey && (((records[at + 1] as number) + (records[at + 3] as number)) | 0) === id) {
      (records[at + 2] as number) += more;
      (records[at + 3] as number) += 1;
      records.push(item);
    } else {
      this.#runAt = records.length;
      this.#runKey = key;
      records.push(runTag, id, head, 1, item);
    }
  }

  /** Sends `record` now, with what waits. It may hold objects that live on, and things that move. */
  send(record: R, transfer: readonly Transferable[] = none): void {
    const before = this.#records.length;
    this.#runAt = -1;
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

  flush(): void {
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    this.#runAt = -1;
    this.#post(records, none);
  }

  #post(records: unknown[], transfer: readonly Transferable[]): void {
    this.#port.postMessage(records, transfer);
    Atomics.add(this.#control, this.#cell, 1);
  }
}
