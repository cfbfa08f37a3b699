/** How a call goes between its caller and its node, besides the order and the answer. @module */

import type { Frame } from '../values/frame.ts';

/** The facts and the body of a frame about the call, for the node that has it. */
export type Say = (op: number, facts: readonly unknown[], body?: Uint8Array) => void;

/**
 * The way of a call that has more than an order and an answer. A call without one is settled by its answer.
 *
 * Invariant: while it is `on`, the way settles the call, and tells when that is done.
 */
export interface Way {
  /** Whether it settles the call. */
  readonly isOn: boolean;

  /** Whether something was taken from the caller that cannot be given a second time. */
  readonly hasGiven: boolean;

  /** A node has begun the call, and `say` reaches it; called again if another one has, after the first was lost. */
  begun(say: Say): void;

  /** Reads a frame of the node that is no answer. */
  hear(frame: Frame): void;

  /** The call has ended at its node, or has failed: gives the value or the error to the call, after what came before. */
  ended(isReturned: boolean, value: unknown, ran: number | undefined): void;

  /** The call was given up, and is settled. */
  gone(reason: unknown): void;

  /** The node was lost: `error` is for those who wait for it. */
  lost(error: Error): void;

  /** Nobody is told anything any more. */
  end(): void;
}
