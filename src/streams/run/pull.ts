/** How the stages of a running stream ask each other for items. @module */

import type { Delivery } from './delivery.ts';

/** Instead of an item: there are no more. */
export const over: unique symbol = Symbol('over');

/** Instead of an item: one will come once {@link Pull.awaited} has settled, which is then handed to the pull. */
export const waits: unique symbol = Symbol('waits');

/**
 * Gives one item at a time, as it is, or `over`; errors are thrown. Where it has to wait, it gives `waits`: whoever asked
 * awaits `awaited`, and hands what that settles with to `take` or `fail`, which give what `next` does. So one promise is
 * awaited once, however many stages stand behind it.
 *
 * Invariant: nothing is asked of it between `waits` and the `take` or `fail` that belongs to it.
 */
export interface Pull {
  next(): unknown;
  take(settled: unknown): unknown;
  fail(error: unknown): unknown;

  /** The promise that the pull waits for. */
  readonly awaited: Promise<unknown> | undefined;

  /** The delivery of the item that was given last: to be acknowledged with it. */
  readonly delivery: Delivery | undefined;
}
