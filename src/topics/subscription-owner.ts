/** A topic, as its consumers see it. @module */

import type { Writing } from './message.ts';
import type { Counts } from './counts.ts';
import type { ConsumeListener, Consumption, IncomingMessage } from './transport.ts';

export interface SubscriptionOwner<S = unknown> {
  readonly writing: Writing;
  readonly counts: Counts;
  readonly maxDeliver: number;

  /** How many messages may come that were not asked for; `undefined` to ask for each. */
  readonly ahead: number | undefined;
  retryDelay(attempt: number): number;

  /** Sends a message away for good; says whether there is a place for it. */
  sendAway(value: unknown, key: unknown, message: IncomingMessage): Promise<boolean>;
  readonly hasDeadLetter: boolean;
  trouble(error: unknown): void;
  open(listener: ConsumeListener): Consumption;
  left(subscription: S): void;
}
