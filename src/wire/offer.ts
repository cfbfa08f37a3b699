/** The data that threads are given at their start. @module */

import type { MessagePort } from 'node:worker_threads';
import type { Address } from '../address/address.ts';
import type { TicketBoard } from './tickets.ts';

/** The data that a thread needs to open its end of a lane. */
export interface LaneOffer {
  readonly port: MessagePort;

  /** Shared by both ends; see `control.ts`. */
  readonly control: Int32Array;

  /** The number of the thread in its pool. */
  readonly number?: number | undefined;

  /** Where the thread keeps what it compiles; `undefined` for nowhere. */
  readonly compiled?: string | undefined;

  /** With which the thread takes calls that others are offered as well; `undefined` if there are none. */
  readonly tickets?: TicketBoard | undefined;
}

/** The key of `workerData` that holds a {@link DedicatedOffer}. */
export const dedicatedKey = 'offloop:lane';

/** The lane of a dedicated thread, and the address of a function that it will probably be asked to call. */
export interface DedicatedOffer {
  readonly lane: LaneOffer;
  readonly preload: Address | undefined;
}
