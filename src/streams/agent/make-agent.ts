/** Makes agents. @module */

import { argumentError } from '../../base/errors.ts';
import type { ItemOf, KeyOf, ValueOf } from '../events/item-types.ts';
import { checkedIterable } from '../arguments/iterables.ts';
import type { AnyIterable } from '../arguments/iterables.ts';
import type { Stream } from '../stream.ts';
import { Agent } from './agent.ts';
import { agentPlan } from './agent-options.ts';
import type { AgentOptions } from './agent-options.ts';

/** A wrapped function that is called for each item. */
type ItemBody<T, R> = (value: T) => Promise<R>;

/** A wrapped generator that is given all items, and with `ack: 'manual'` what settles them. */
type ThreadBody<R> = (items: never, settle: never) => AsyncIterable<R>;

/** A function of a stream: what it yields, if it does, are the results. */
type StreamBody<T, K, R> = (stream: Stream<T, K>) => AsyncIterable<R> | Iterable<R> | PromiseLike<void> | void;

/**
 * Runs `fn` over the items of `source`, and over those that are sent by `cast`, `ask` and `map`. The agent begins by itself.
 *
 * - A plain function, `async` or a generator, is given a stream, and goes on until that is over. What it yields goes to the
 *   sinks, and is the answer for the item that it has in hand.
 * - A wrapped function is called in a thread for each item; what it returns goes to the sinks, and is the answer.
 * - A wrapped generator is given the items in its thread, as `syncIterate` or `for await` take them; an item is acknowledged
 *   when the generator asks for the next one there.
 *
 * Where a body fails, `onError` says what becomes of the item in hand, and the body is run anew for those after it; with
 * `'stop'`, and where it fails without an item in hand or more often than `supervise` allows, the agent stops: what was not
 * dealt with is handed back, and `done` rejects. A body that ends before its items do ends the agent.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range, or there are sinks for an `async`
 * function, which yields nothing.
 *
 * @example
 * ```ts
 * const sizes = agent(orders, async function* (stream) {
 *   for await (const order of stream) yield order.items.length;
 * });
 * await sizes.ask(order); // 3
 * ```
 */
export function agent<T, R = never>(
  source: undefined,
  fn: StreamBody<T, unknown, R>,
  options?: AgentOptions<T, R>,
): Agent<T, R>;
export function agent<T, R>(source: undefined, fn: ItemBody<T, R>, options?: AgentOptions<T, R>): Agent<T, R>;
export function agent<R>(source: undefined, fn: ThreadBody<R>, options?: AgentOptions<unknown, R>): Agent<unknown, R>;
export function agent<S extends AnyIterable<unknown> | undefined, R = never>(
  source: S,
  fn: StreamBody<ValueOf<ItemOf<S>>, KeyOf<ItemOf<S>>, R>,
  options?: AgentOptions<ValueOf<ItemOf<S>>, R>,
): Agent<ValueOf<ItemOf<S>>, R>;
export function agent<S extends AnyIterable<unknown> | undefined, R>(
  source: S,
  fn: ItemBody<ValueOf<ItemOf<S>>, R>,
  options?: AgentOptions<ValueOf<ItemOf<S>>, R>,
): Agent<ValueOf<ItemOf<S>>, R>;
export function agent<S extends AnyIterable<unknown> | undefined, R>(
  source: S,
  fn: ThreadBody<R>,
  options?: AgentOptions<ValueOf<ItemOf<S>>, R>,
): Agent<ValueOf<ItemOf<S>>, R>;
export function agent(
  source: AnyIterable<unknown> | undefined,
  fn: Function,
  options: AgentOptions<never, never> = {},
): Agent<unknown, unknown> {
  if (typeof fn !== 'function') throw argumentError(`Cannot make an agent: expected a function, received ${typeof fn}`);
  const items = source === undefined ? undefined : checkedIterable('make an agent', source);
  return new Agent<unknown, unknown>(items, fn, agentPlan(fn, options));
}
