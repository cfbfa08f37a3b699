/** A value with a key, for sinks that take both. @module */

import { inspect } from 'node:util';
import { sendable } from '../codec/sendable.ts';
import type { EventHeaders } from '../streams/index.ts';

/** The property by which such a value is known, whichever copy of the library has made it. */
const mark = Symbol.for('offloop.keyed@1');

/** A value with its key, as `keyed` makes it. */
export class Keyed<K = unknown, V = unknown> {
  readonly key: K;
  readonly value: V;
  readonly headers: EventHeaders | undefined;

  constructor(key: K, value: V, headers: EventHeaders | undefined) {
    this.key = key;
    this.value = value;
    this.headers = headers;
  }

  static {
    Object.defineProperty(this.prototype, mark, { value: true });
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: Keyed) {
        return `keyed(${inspect(this.key)}, ${inspect(this.value)})`;
      },
    });
  }
}

// A handler in a thread gives keys as well.
sendable(Keyed, { name: 'offloop.Keyed' });

/**
 * Gives `value` a key, for the sinks of a handler: a channel or a topic sends both, and `headers`; a cache is called with
 * `(key, value)`; any other function is given this whole.
 *
 * @example
 * ```ts
 * handle(timer(1000), { sinks: [cache, console.log] })(() => keyed('time', new Date()));
 * ```
 */
export function keyed<K, V>(key: K, value: V, headers?: EventHeaders): Keyed<K, V> {
  return new Keyed(key, value, headers);
}

/** Whether `value` is one that `keyed` has made. */
export function isKeyed(value: unknown): value is Keyed {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[mark] === true;
}
