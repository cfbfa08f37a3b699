/** What a dedicated thread is given when it is started. @module */

import type { Address } from '../address/address.ts';
import type { LaneOffer } from './messages.ts';

/** Under which key of `workerData` it stands. */
export const dedicatedKey = 'offloop:lane';

/** The lane that is for the thread, and a function that it will probably be asked for. */
export interface DedicatedOffer {
  readonly lane: LaneOffer;
  readonly preload: Address | undefined;
}
