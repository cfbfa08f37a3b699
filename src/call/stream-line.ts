/** What consumers of items do with the line to the thread of their call. @module */

import type { Transferable } from 'node:worker_threads';
import type { DownRecord } from '../wire/messages.ts';

/** What a consumer does with the line to the thread of its call. */
export interface StreamLine<C> {
  /** Keeps the process alive until `release`. */
  hold(): void;
  release(): void;

  /** Reads what has arrived. */
  catchUp(): void;
  tell(record: DownRecord, transfer?: readonly Transferable[]): void;

  /** Tells `call` that it was given up, if it can know. */
  interrupt(call: C, reason: unknown): boolean;
}
