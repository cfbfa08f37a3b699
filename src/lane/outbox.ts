/** What one end of a lane has to say, gathered into messages: records that are ready together leave together. @module */

import type { MessagePort, Transferable } from 'node:worker_threads';
import { recordWidth } from '../codec/messages.ts';
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
    this.#records.push(...record);
  }

  /** Sends `record` now, with what waits. It may hold objects that live on, and things that move. */
  send(record: R, transfer: readonly Transferable[] = none): void {
    this.#records.push(...record);
    try {
      this.#post(this.#records, transfer);
    } catch (error) {
      // Only this one was refused.
      this.#records.length -= recordWidth;
      throw error;
    }
    this.#records = [];
  }

  flush(): void {
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    this.#post(records, none);
  }

  #post(records: unknown[], transfer: readonly Transferable[]): void {
    this.#port.postMessage(records, transfer);
    Atomics.add(this.#control, this.#cell, 1);
  }
}
