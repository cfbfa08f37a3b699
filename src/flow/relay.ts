/** Channels between the handlers of a flow. @module */

import { StreamChannel } from '../streams/index.ts';
import type { ChannelOptions } from '../streams/index.ts';

/** The property by which a relay is known, whichever copy of the library has made it. */
const mark = Symbol.for('offloop.relay@1');

/**
 * A channel that handlers send to, as one of their sinks, and others have as their source. A run ends its items once all
 * handlers that send to it have ended; another run begins anew.
 */
export class Relay<T> extends StreamChannel<T> {
  static {
    Object.defineProperty(this.prototype, mark, { value: true });
  }
}

/**
 * Makes a channel between handlers: a sink of some, the source of others.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * const large = relay<Order>();
 * handle(orders, { sinks: [large] })((order) => (order.total > 1000 ? order : undefined));
 * handle(large)((order) => alert(order));
 * ```
 */
export function relay<T>(options?: ChannelOptions): Relay<T> {
  return new Relay<T>(options);
}

/** Whether `value` is a relay. */
export function isRelay(value: unknown): value is Relay<unknown> {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[mark] === true;
}
