/** Where the items of a stream are sent: channels, topics, functions. @module */

import { argumentError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { callsOf } from './calls.ts';
import type { Calling, Ended } from './calls.ts';
import type { StreamEvent } from '../events/event.ts';
import { receiverNamed } from './named.ts';

/** Takes values and whole events: a channel, a topic. */
export interface Receiver<T> {
  /** Resolves once it has room for it, or has sent it. */
  receive(item: T | StreamEvent<T>): Promise<unknown>;
}

/** `T`, which is not inferred from here: `NoInfer`, which TypeScript before 5.4 lacks. */
type Uninferred<T> = [T][T extends unknown ? 0 : never];

/** A target of items: one that takes events, or a function, plain or wrapped, that is called with the value. */
export type Sink<T> = Receiver<T> | ((value: Uninferred<T>) => unknown);

/** Sends `value`, or the event that it is the value of. */
export type Send = (value: unknown, event: StreamEvent<unknown> | undefined) => unknown;

/** Whether `value` takes events. */
export function isReceiver(value: unknown): value is Receiver<unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && typeof (value as Partial<Receiver<unknown>>).receive === 'function';
}

/**
 * `sinks`, if all of them are; those that are given by their names, as they are.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`.
 */
export function checkedSinks(action: string, sinks: readonly unknown[]): readonly Sink<unknown>[] {
  return sinks.map((sink) => {
    const target = typeof sink === 'string' ? receiverNamed(action, sink) : sink;
    if (!isReceiver(target) && typeof target !== 'function')
      throw argumentError(`Cannot ${action}: expected a channel or a function, received ${typeof target}`);
    return target as Sink<unknown>;
  });
}

/** Gives what sends to `sink`, until `ended`: whole events to what takes them, values to functions. */
export function sendTo(sink: Sink<never>, ended: Ended): Send {
  const target: unknown = sink;
  if (!isReceiver(target)) {
    const call = callsOf(target as Function, ended);
    return (value) => call(value);
  }
  return (value, event) => target.receive(event ? event.copy(value) : value);
}

/** Gives what sends to all of `sinks` at once. */
export function sendAll(sinks: readonly Sink<never>[], ended: Ended): Calling {
  const sends = sinks.map((sink) => sendTo(sink, ended));
  return async (value, event) =>
    Promise.all(sends.map(async (send) => send(value, event as StreamEvent<unknown> | undefined)));
}
