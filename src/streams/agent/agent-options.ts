/** The options of an agent. @module */

import { argumentError } from '../../base/errors.ts';
import { count, kind, ownOptions, timeLimit } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import { signalCheck } from '../../base/signal.ts';
import { deliveryChecks, mostLines, policyOf, sizeOf } from '../arguments/options.ts';
import type { DeliveryOptions } from '../arguments/options.ts';
import type { Policy } from '../run/policy.ts';
import { checkedSinks } from '../run/sink.ts';
import type { Sink } from '../run/sink.ts';

/** How often a body is run anew. */
export interface Supervision {
  /** How many times, within {@link within}; a whole number from 0. @defaultValue `Infinity` */
  maxRestarts?: number | undefined;

  /** Milliseconds; from 0. @defaultValue `Infinity` */
  within?: number | undefined;
}

/** Options of `agent`. */
export interface AgentOptions<T, R> extends DeliveryOptions {
  /**
   * How many bodies run side by side, each with items of its own, in turns; of a wrapped function of one item, how many calls
   * are out. A whole number from 1 to 65,536. @defaultValue `1`
   */
  concurrency?: number | undefined;

  /** Items of one key go to one body, in order: a property's name, or what a function gives. @defaultValue none */
  keyBy?: (keyof T & (string | number)) | ((value: T) => unknown) | undefined;

  /** Where the results go, one after the other: channels, functions, or names of topics. @defaultValue `[]` */
  sinks?: readonly (Sink<R> | string)[] | undefined;

  /** How often a body is run anew after an error for which `onError` goes on. @defaultValue as often as it fails */
  supervise?: Supervision | undefined;

  /** How many items may wait for the bodies; from 1. @defaultValue as `configure` says: `1024` */
  maxSize?: number | undefined;

  /** Ends the agent: `done` rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;
}

/** The options with their defaults. */
export interface AgentPlan {
  readonly policy: Policy;
  readonly concurrency: number;
  readonly keyBy: ((value: unknown) => unknown) | undefined;
  readonly sinks: readonly Sink<never>[];
  readonly maxRestarts: number;
  readonly within: number;
  readonly maxSize: number;
  readonly signal: AbortSignal | undefined;
}

const list: Check = (value) => (Array.isArray(value) ? undefined : 'an array');

const checks: Readonly<Record<keyof AgentOptions<unknown, unknown>, Check>> = {
  ...deliveryChecks,
  concurrency: count(1, { most: mostLines }),
  keyBy: kind('function', 'string', 'number'),
  sinks: list,
  supervise: kind('object'),
  maxSize: count(1, { unbounded: true }),
  signal: signalCheck,
};

const superviseChecks = { maxRestarts: count(0, { unbounded: true }), within: timeLimit };

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function agentPlan<T, R>(fn: Function, given: AgentOptions<T, R>): AgentPlan {
  const options = ownOptions('agent', given, checks);
  const { concurrency = 1, keyBy, sinks = [], supervise = {}, signal } = options;
  const { maxRestarts = Infinity, within = Infinity } = ownOptions('agent.supervise', supervise, superviseChecks);
  const targets = checkedSinks('use the option sinks of agent', sinks);
  if (sinks.length > 0 && Object.prototype.toString.call(fn) === '[object AsyncFunction]')
    throw argumentError('Cannot use the option sinks of agent: the function yields nothing');
  return {
    policy: policyOf('agent', options),
    concurrency,
    keyBy: typeof keyBy === 'object' ? undefined : keyFunction(keyBy),
    sinks: targets,
    maxRestarts,
    within,
    maxSize: sizeOf(options),
    signal,
  };
}

function keyFunction(keyBy: unknown): ((value: unknown) => unknown) | undefined {
  if (keyBy === undefined || typeof keyBy === 'function') return keyBy as AgentPlan['keyBy'];
  return (value) => (value as Record<PropertyKey, unknown>)[keyBy as string];
}
