/** Makes topics. @module */

import { Topic } from './topic.ts';
import { topicPlan } from './topic-options.ts';
import type { TopicOptions } from './topic-options.ts';

/**
 * Makes a topic of this name; at the broker it is made by its first use. Call it to send, iterate over it to consume:
 * `stream(topic)` acknowledges each message when its consumer moves on. Streams know it by its name too, in `echo` and
 * `through`, until it is closed. What is not given is taken from `conf()` of `offloop/flow`, as it is now.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the name has other signs than letters, digits, `_`, `-` and single dots, or an
 * option is unknown, out of range, or nothing that the transport can do.
 *
 * @example
 * ```ts
 * const orders = topic<Order>('orders', { group: 'billing' });
 * await orders({ key: 'Ada', value: { total: 5 } });
 * for await (const order of stream(orders)) await book(order);
 * ```
 */
export function topic<T, K = string>(name: string, options: TopicOptions<T, K> = {}): Topic<T, K> {
  return new Topic<T, K>(name, topicPlan(name, options));
}
