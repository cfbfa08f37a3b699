/** Where the results of handlers go. @module */

import { argumentError } from '../base/errors.ts';
import { isKeySink, takesKey } from '../base/takes-key.ts';
import type { KeySink } from '../base/takes-key.ts';
import { callsOf } from '../streams/run/calls.ts';
import type { Ended } from '../streams/run/calls.ts';
import { isEvent, StreamEvent } from '../streams/events/event.ts';
import type { Receiver } from '../streams/index.ts';
import { isReceiver } from '../streams/run/sink.ts';
import { isKeyed } from './keyed.ts';

/**
 * A target of the results of a handler: a channel or a topic, the name of a topic that the program has made, a function that
 * is called with a key and a value, as a cache is, or any function, plain or wrapped.
 */
export type FlowSink = Target | string;

/** A sink that is not just named. */
export type Target = Receiver<never> | KeySink | ((value: never) => unknown);

/** Sends one result; gives what is to be awaited, if there is something. */
export type SendResult = (result: unknown) => unknown;

/**
 * Marks `fn` as a sink that is called with the key and the value of what `keyed` has made.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function, or is frozen.
 *
 * @example
 * ```ts
 * const save = keySink((key: string, value: string) => redis.set(key, value));
 * ```
 */
export function keySink<F extends (key: never, value: never) => unknown>(fn: F): F & { readonly [takesKey]: true } {
  if (typeof fn !== 'function') throw argumentError(`Cannot make a sink: expected a function, received ${typeof fn}`);
  if (!Object.isExtensible(fn)) throw argumentError(`Cannot mark ${fn.name || 'the function'} as a sink: it is frozen`);
  Object.defineProperty(fn, takesKey, { value: true });
  return fn as F & { readonly [takesKey]: true };
}

/** Gives what sends results to `sink`, until `ended`. */
export function sendsTo(sink: Target, ended: Ended): SendResult {
  if (isKeySink(sink)) {
    const call = callsOf(sink, ended);
    return (result) => {
      if (isKeyed(result) || isEvent(result)) return call(result.key, result.value);
      throw argumentError(
        `Cannot send to ${sink.name || 'the sink'}: it takes a key and a value, as keyed(key, value) gives them`,
      );
    };
  }
  const target: unknown = sink;
  if (isReceiver(target)) return (result) => target.receive(asItem(result));
  return callsOf(sink as Function, ended);
}

/** A result as a channel takes it: an event of its own if it has a key. */
function asItem(result: unknown): unknown {
  if (isEvent(result)) return result.copy(result.value);
  if (!isKeyed(result)) return result;
  const { key, value, headers } = result;
  return new StreamEvent(value, { key, headers });
}
