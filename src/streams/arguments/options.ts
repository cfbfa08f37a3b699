/** The options of a stream and of its operators. @module */

import { configuration } from '../../base/config.ts';
import { argumentError } from '../../base/errors.ts';
import { count, duration, kind, list, oneOf, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import { signalCheck } from '../../base/signal.ts';
import type { OnError, Policy } from '../run/policy.ts';
import { isReceiver } from '../run/sink.ts';
import type { Sink } from '../run/sink.ts';

/** How errors and events are treated; shared by {@link StreamOptions} and agents. */
export interface DeliveryOptions {
  /**
   * How an item is treated for which a function of the stream has failed: `'stop'` ends the stream with the error and
   * acknowledges nothing; `'nack'` hands the event back to its source, and goes on, but where that is over it does as `'skip'`
   * does, or `'stop'` without a `deadLetter`; `'ack'` counts it as dealt with, and goes
   * on; `'skip'` sends it to `deadLetter`, and goes on. @defaultValue `'stop'`
   */
  onError?: OnError | undefined;

  /** Where events go, or items that have none, for which a function has failed. @defaultValue none; needed for `'skip'` */
  deadLetter?: Sink<never> | undefined;

  /**
   * How often an event may be delivered: with `onError: 'nack'`, one that has failed as often goes to `deadLetter`, or stops
   * the stream if there is none. A whole number from 1. @defaultValue `Infinity`
   */
  maxDeliver?: number | undefined;

  /**
   * Whether events are acknowledged when their consumer moves on, or by hand, with `event.ack()`. Events that no consumer is
   * given are acknowledged in either case. @defaultValue `'auto'`
   */
  ack?: 'auto' | 'manual' | undefined;
}

/** Options of `stream` and `merge`. */
export interface StreamOptions extends DeliveryOptions {
  /** Functions that each item goes through first, in this order: plain, `async` or wrapped ones. @defaultValue `[]` */
  processors?: readonly ((value: never) => unknown)[] | undefined;

  /**
   * How many items a stage may be ahead where it does not say: a whole number from 1. @defaultValue as `configure` says:
   * `1024`
   */
  maxSize?: number | undefined;

  /** Ends the stream: a pending `next()`, or else the next one, rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;
}

/** Options of operators that are given a function for each item. */
export interface StageOptions {
  /**
   * How many items may be handed in whose results were not taken: a whole number from 1. `1` never reads ahead.
   * @defaultValue the `maxSize` of the stream for a wrapped function, `1` for any other
   */
  concurrency?: number | undefined;

  /** Whether results come in the order of the items, or as soon as they are there. @defaultValue `true` */
  ordered?: boolean | undefined;
}

/** Options of `groupBy`. */
export interface GroupOptions {
  /**
   * Among how many partitions the keys are divided, which work side by side: a whole number from 1 to 65,536.
   * @defaultValue `8`
   */
  partitions?: number | undefined;

  /** How many items may be inside, however many keys there are; from 1. @defaultValue the `maxSize` of the stream */
  maxSize?: number | undefined;
}

/** Options of `batch` and `batchEvents`. */
export interface BatchOptions {
  /**
   * How long the first item of a batch waits for others, in milliseconds; above 0. The time runs on the timers that the
   * program has when it begins. @defaultValue `Infinity`
   */
  within?: number | undefined;
}

const sink: Check = (value) =>
  isReceiver(value) || typeof value === 'function' ? undefined : 'a channel or a function';

/** The checks of {@link DeliveryOptions}. */
export const deliveryChecks: Readonly<Record<keyof DeliveryOptions, Check>> = {
  onError: oneOf('stop', 'nack', 'ack', 'skip'),
  deadLetter: sink,
  maxDeliver: count(1, { unbounded: true }),
  ack: oneOf('auto', 'manual'),
};

const functions: Check = (value) =>
  list(value) === undefined && (value as unknown[]).every((item) => typeof item === 'function')
    ? undefined
    : 'an array of functions';

const streamChecks = {
  ...deliveryChecks,
  processors: functions,
  maxSize: count(1, { unbounded: true }),
  signal: signalCheck,
};

const stageChecks = { concurrency: count(1, { unbounded: true }), ordered: kind('boolean') };
const batchChecks = { within: duration };
/** How many lines of items, each with its own state, may be made: partitions of a group, bodies of an agent. */
export const mostLines = 65_536;

const groupChecks = { partitions: count(1, { most: mostLines }), maxSize: count(1, { unbounded: true }) };

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function streamOptions(of: string, options: StreamOptions): Readonly<StreamOptions> {
  return ownOptions(of, options, streamChecks);
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function stageOptions(of: string, options: StageOptions): Readonly<StageOptions> {
  return ownOptions(of, options, stageChecks);
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function batchOptions(of: string, options: BatchOptions): Readonly<BatchOptions> {
  return ownOptions(of, options, batchChecks);
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function groupOptions(of: string, options: GroupOptions): Readonly<GroupOptions> {
  return ownOptions(of, options, groupChecks);
}

/**
 * The policy that checked options give.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if items are to be skipped and there is no place for them.
 */
export function policyOf(of: string, options: DeliveryOptions): Policy {
  const { onError = 'stop', deadLetter, maxDeliver = Infinity, ack = 'auto' } = options;
  if (onError === 'skip' && !deadLetter)
    throw argumentError(`Cannot use the option onError of ${of}: 'skip' needs a deadLetter to send items to`);
  return { onError, maxDeliver, deadLetter, isManual: ack === 'manual' };
}

/** How many items a stage may be ahead: at least one. */
export function sizeOf({ maxSize }: StreamOptions): number {
  return maxSize ?? Math.max(1, configuration.maxSize);
}
