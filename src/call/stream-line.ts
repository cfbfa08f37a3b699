/** The interface to the lane for consumers of items. @module */

import type { Transferable } from 'node:worker_threads';
import type { DownRecord } from '../wire/messages.ts';

/** The lane to the thread of a generator's call, as the consumer knows it. */
export interface StreamLine<C> {
  /** Keeps the process alive until `release`. */
  hold(): void;
  release(): void;

  /** Reads the messages that have arrived. */
  catchUp(): void;
  tell(record: DownRecord, transfer?: readonly Transferable[]): void;

  /** Tells `call` that it was given up; gives whether the call can notice that. */
  interrupt(call: C, reason: unknown): boolean;
}
