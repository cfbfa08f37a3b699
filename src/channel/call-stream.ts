/** What a call has beside it whose function gives items. @module */

import type { Transferable } from 'node:worker_threads';
import type { Hole } from '../codec/hole.ts';
import type { StreamOffer } from './ring.ts';
import type { DownRecord } from '../wire/messages.ts';

/** What a call has beside it whose function gives items. */
export interface CallStream {
  readonly offer: StreamOffer;

  /** How long its generator may take to end once it was given up, in milliseconds. */
  readonly closeTimeout: number;

  /** Whether somebody waits, so that the process must not end. */
  readonly isHeld: boolean;

  /** Whether the call can be sent to another thread, as long as none has begun with it. */
  readonly isResendable: boolean;

  /** Whether the thread waits for its consumer. */
  readonly isBlocked: boolean;

  /** The call was sent over `line`, and is out until `detached`. */
  attached(line: StreamLine): void;
  detached(): void;

  /** An item has arrived that is not in shared memory. */
  heard(number: number, item: ArrivedItem): void;

  /** There are items in shared memory. */
  woken(): void;
}

/** What a stream does with the line to its thread. */
export interface StreamLine {
  /** Keeps the process alive until `release`. */
  hold(): void;
  release(): void;

  /** Reads what has arrived. */
  catchUp(): void;
  tell(record: DownRecord, transfer?: readonly Transferable[]): void;

  /** Tells the call that it was given up, if it can know. */
  interrupt(reason: unknown): boolean;
}

/** An item as it came in a message. */
export interface ArrivedItem {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;
  readonly isBuffer: boolean;
}
