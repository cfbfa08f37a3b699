/** What threads are given when they are started. @module */

import type { MessagePort } from 'node:worker_threads';
import type { Address } from '../address/address.ts';

/** What a thread is given to open its end of a lane. */
export interface LaneOffer {
  readonly port: MessagePort;

  /** Shared by both ends; see `control.ts`. */
  readonly control: Int32Array;

  /** Which of the threads of its pool it is for. */
  readonly number?: number | undefined;
}

/** Under which key of `workerData` it stands. */
export const dedicatedKey = 'offloop:lane';

/** The lane that is for the thread, and a function that it will probably be asked for. */
export interface DedicatedOffer {
  readonly lane: LaneOffer;
  readonly preload: Address | undefined;
}
