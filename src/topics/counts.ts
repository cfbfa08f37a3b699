/** The work of a topic, in numbers. @module */

/** The work of a topic, at present and so far. */
export interface TopicStats {
  /** Messages that the broker has confirmed. */
  readonly sent: number;

  /** Messages that are on their way to the broker. */
  readonly sending: number;

  /** Messages that consumers were given, each delivery of a message counted. */
  readonly received: number;

  /** Of those, the ones that had been delivered before. */
  readonly redelivered: number;

  /** Messages that were acknowledged. */
  readonly acked: number;

  /** Messages that were handed back. */
  readonly nacked: number;

  /** Messages that went to `deadLetter`, or were left out since there is none. */
  readonly deadLettered: number;

  /** Messages that have come and wait for a consumer. */
  readonly waiting: number;

  /** Messages that consumers have and have not settled. */
  readonly inHand: number;

  /** How many consumers there are. */
  readonly consumers: number;

  /** Whether no consumer has lost the broker. */
  readonly isConnected: boolean;

  /** How often a consumer has lost the broker. */
  readonly losses: number;

  /** How many errors there were; `errors` has them. */
  readonly errors: number;
}

/** The numbers that only grow, and how many messages are on their way. */
export class Counts {
  sent = 0;
  sending = 0;
  received = 0;
  redelivered = 0;
  acked = 0;
  nacked = 0;
  deadLettered = 0;
  losses = 0;
  errors = 0;
}
