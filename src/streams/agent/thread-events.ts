/** The events of an agent, in the thread that its generator runs in. @module */

import { argumentError } from '../../base/errors.ts';
import { syncIterate } from '../../channel/sync-iterate.ts';
import { checkedIterable } from '../arguments/iterables.ts';
import { StreamEvent } from '../events/event.ts';
import type { Outcome } from '../events/receipt.ts';
import type { ThreadItem } from './feed.ts';

/** The function that an agent with `ack: 'manual'` gives a generator in a thread beside its items. */
export type SettleItem = (number: number, outcome: Outcome) => unknown;

/** Events to iterate over, blocking or not. */
export interface ThreadEvents<T, K> extends Iterable<StreamEvent<T, K>>, AsyncIterable<StreamEvent<T, K>> {}

/**
 * The events of an agent with `ack: 'manual'`, from the two arguments of its generator: `for (const event of …)` blocks for
 * them, `for await` does not. The events are acknowledged and handed back from the thread.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `items` is not iterable, or `settle` is no function, as without `ack: 'manual'`.
 *
 * @example
 * ```ts
 * export const work = threaded(function* work(items, settle) {
 *   for (const event of threadEvents(items, settle)) {
 *     yield crunch(event.value);
 *     void event.ack();
 *   }
 * });
 * ```
 */
export function threadEvents<T, K = unknown>(items: AsyncIterable<ThreadItem>, settle: SettleItem): ThreadEvents<T, K> {
  checkedIterable('take the events of an agent', items);
  if (typeof settle !== 'function')
    throw argumentError(
      `Cannot take the events of an agent: expected a function that settles them, which its generator is given with ack: 'manual', received ${typeof settle}`,
    );
  const eventOf = ({ number, value, key, headers, attempt }: ThreadItem): StreamEvent<T, K> =>
    new StreamEvent(value as T, {
      key: key as K,
      headers,
      attempt,
      settle: (outcome) => settle(number, outcome),
    });
  return {
    *[Symbol.iterator]() {
      for (const item of syncIterate(items)) yield eventOf(item);
    },
    async *[Symbol.asyncIterator]() {
      for await (const item of items) yield eventOf(item);
    },
  };
}
