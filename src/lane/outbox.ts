/** What a thread has to say, gathered into messages: results that are ready together leave together. @module */

import type { MessagePort, Transferable } from 'node:worker_threads';
import { now } from '../clock.ts';
import { Cell, Up } from '../codec/messages.ts';
import type { UpRecord } from '../codec/messages.ts';

/**
 * Records that wait to leave as one message.
 *
 * Invariant: records leave in the order in which they were added, whether they wait or not.
 */
export class Outbox {
  /** When the oldest record that waits was added; `Infinity` if none waits. */
  since: number = Infinity;

  readonly #port: MessagePort;
  readonly #control: Int32Array;
  readonly #times = new Map<number, [time: number, count: number]>();
  #records: unknown[] = [];
  #held: [records: unknown[], transfer: readonly Transferable[]][] | undefined;

  constructor(port: MessagePort, control: Int32Array) {
    this.#port = port;
    this.#control = control;
  }

  /** Adds a record. One that refers to living objects (`isCopy: false`) or moves something leaves at once. */
  add(record: UpRecord, transfer: readonly Transferable[] = [], isCopy = true): void {
    if (!isCopy || transfer.length > 0) return this.send(record, transfer);
    if (this.since === Infinity) this.since = now();
    this.#records.push(...record);
  }

  /** Sends `record` now, after what waits. */
  send(record: UpRecord, transfer: readonly Transferable[] = []): void {
    this.flush();
    this.#post(record, transfer);
  }

  /** Notes how long calls of a function took; the main side hears of it with the next results. */
  addTime(functionId: number, time: number): void {
    const entry = this.#times.get(functionId);
    if (!entry) this.#times.set(functionId, [time, 1]);
    else {
      entry[0] += time;
      entry[1] += 1;
    }
  }

  flush(): void {
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    this.since = Infinity;
    for (const [functionId, [time, count]] of this.#times) records.push(Up.timing, functionId, time, count, undefined);
    this.#times.clear();
    this.#post(records, []);
  }

  /** From now on messages are made, but not sent, until {@link letGo}: what was printed goes first. */
  holdBack(): void {
    this.#held = [];
  }

  letGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [records, transfer] of held) this.#post(records, transfer);
  }

  #post(records: unknown[], transfer: readonly Transferable[]): void {
    if (this.#held) {
      const copy = structuredClone([records, transfer] as const, { transfer: [...transfer] as ArrayBuffer[] });
      this.#held.push([copy[0], copy[1]]);
      return;
    }
    this.#port.postMessage(records, transfer);
    Atomics.add(this.#control, Cell.up, 1);
  }
}
