/** A topic, as its consumers see it. @module */

import type { SendAway } from './dead-letters.ts';
import type { Writing } from './message.ts';
import type { Counts } from './counts.ts';
import type { ConsumeListener, Consumption } from './transport.ts';

export interface SubscriptionOwner<S = unknown> {
  readonly writing: Writing;
  readonly counts: Counts;
  readonly maxDeliver: number;

  /** How many messages may come that were not asked for; `undefined` to ask for each. */
  readonly ahead: number | undefined;
  retryDelay(attempt: number): number;

  /** Sends a message away for good, if there is a place for it. */
  readonly sendAway: SendAway | undefined;
  trouble(error: unknown): void;
  open(listener: ConsumeListener): Consumption;
  left(subscription: S): void;
}
