/** What `this` is in a call of a wrapped instance method. @module */

import { isSendable } from '../codec/sendable.ts';
import { argumentError } from '../errors.ts';

/**
 * The instance that a method was called on, if it can travel.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if its class is not registered.
 */
export function receiver(name: string, self: unknown): unknown {
  if (isSendable(self)) return self;
  const owner = typeof self === 'object' && self !== null ? self.constructor.name : typeof self;
  const text = `Cannot call ${name} in another thread: its this, a ${owner}, cannot be sent`;
  throw argumentError(`${text}. Register the class with sendable(${owner}), or make the method static`);
}
