/** The options of `handle`. @module */

import { configuration } from '../base/config.ts';
import { argumentError } from '../base/errors.ts';
import { count, kind, list, oneOf, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { isKeySink } from '../base/takes-key.ts';
import type { AnyIterable, OnError, Stream } from '../streams/index.ts';
import { deliveryChecks, policyOf } from '../streams/arguments/options.ts';
import type { Policy } from '../streams/run/policy.ts';
import { checkedSinks } from '../streams/run/sink.ts';
import type { Sink } from '../streams/run/sink.ts';
import type { FlowSink, Target } from './sinks.ts';

/** Makes other items of the items; `items` is a stream, with all operators. */
export type Pipe<T, U> = (items: Stream<T>) => AnyIterable<U>;

/** Options of `handle`. */
export interface HandleOptions {
  /**
   * Where results go, one after the other: the next one is called once this one has taken it. A text is the name of a topic.
   * @defaultValue `[]`
   */
  sinks?: readonly FlowSink[] | undefined;

  /** Functions that each make an iterable of the one before; the handler gets the items of the last. @defaultValue `[]` */
  pipe?: readonly ((items: never) => AnyIterable<unknown>)[] | undefined;

  /**
   * How many items may be handed in whose results the sinks have not taken; results go to the sinks in order in any case.
   * A whole number from 1. @defaultValue `1`
   */
  concurrency?: number | undefined;

  /**
   * How an item is treated for which the handler, or a sink, has failed: `'stop'` ends the run with the error; `'nack'`
   * hands the event back to its source, `'ack'` counts it as dealt with, `'skip'` sends it to `deadLetter`, and all three go
   * on. @defaultValue `'stop'`
   */
  onError?: OnError | undefined;

  /** Where items go for which the handler has failed. @defaultValue none; needed for `'skip'` */
  deadLetter?: Sink<never> | undefined;

  /** How often an event may be delivered before `'nack'` does as `'skip'` or `'stop'` does; from 1. @defaultValue `Infinity` */
  maxDeliver?: number | undefined;

  /**
   * How many items may wait for this handler while others of the same source work on theirs: a whole number from 1.
   * @defaultValue as `configure` says: `1024`
   */
  maxSize?: number | undefined;

  /** The name of the handler in messages. @defaultValue the function's own name */
  name?: string | undefined;
}

/** The options with their defaults. */
export interface HandlePlan {
  readonly sinks: readonly Target[];
  readonly pipe: readonly Pipe<unknown, unknown>[];
  readonly concurrency: number;
  readonly policy: Policy;
  readonly maxSize: number;
  readonly name: string | undefined;
}

const functions: Check = (value) =>
  list(value) === undefined && (value as unknown[]).every((item) => typeof item === 'function')
    ? undefined
    : 'an array of functions';

const checks: Readonly<Record<keyof HandleOptions, Check>> = {
  sinks: list,
  pipe: functions,
  concurrency: count(1),
  onError: oneOf('stop', 'nack', 'ack', 'skip'),
  deadLetter: deliveryChecks.deadLetter,
  maxDeliver: deliveryChecks.maxDeliver,
  maxSize: count(1, { unbounded: true }),
  name: kind('string'),
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function handlePlan(given: HandleOptions = {}): HandlePlan {
  const { sinks = [], pipe = [], concurrency = 1, maxSize, name, ...delivery } = ownOptions('handle', given, checks);
  if (delivery.deadLetter && isKeySink(delivery.deadLetter))
    throw argumentError(
      'Cannot use the option deadLetter of handle: it is called with a value, and takes a key as well',
    );
  return {
    sinks: checkedSinks('use the option sinks of handle', [...sinks]),
    pipe: [...pipe] as unknown as readonly Pipe<unknown, unknown>[],
    concurrency,
    policy: policyOf('handle', delivery),
    maxSize: maxSize ?? Math.max(1, configuration.maxSize),
    name,
  };
}
