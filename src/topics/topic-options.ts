/** The options of a topic. @module */

import { conf } from '../base/conf.ts';
import { argumentError } from '../base/errors.ts';
import { anything, count, duration, kind, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { isReceiver } from '../streams/run/sink.ts';
import type { Sink } from '../streams/run/sink.ts';
import { codecCheck, textCodec, valueCodec } from './codec.ts';
import type { Codec } from './codec.ts';
import { memory } from './memory/memory.ts';
import { startOf } from './position.ts';
import type { Start } from './position.ts';
import type { StartPosition, Transport } from './transport.ts';

/** Options of `topic`. */
export interface TopicOptions<T, K = string> {
  /** The way to the broker. @defaultValue one `memory()` for the thread */
  transport?: Transport | undefined;

  /** Makes bytes of values. @defaultValue any value that can be copied to a thread, in the library's own format */
  codec?: Codec<T> | undefined;

  /** Makes bytes of keys. @defaultValue texts, in UTF-8 */
  keyCodec?: Codec<K> | undefined;

  /**
   * The consumers of one group share the messages, and go on where the group has stopped. Without a group every consumer gets
   * every message. Letters, digits, `_` and `-`. @defaultValue none
   */
  group?: string | undefined;

  /**
   * Where a group begins that has no position yet, and each consumer without a group. @defaultValue `'first'` with a group,
   * `'new'` without
   */
  start?: Start | undefined;

  /** How many messages may have come that were not taken, where the broker sends ahead; from 1. @defaultValue `256` */
  maxSize?: number | undefined;

  /**
   * How often a message may be delivered: one that is handed back as often, or whose consumers have died, goes to
   * `deadLetter`. A whole number from 1. @defaultValue `Infinity`
   */
  maxDeliver?: number | undefined;

  /**
   * Where messages go that were delivered `maxDeliver` times, and those that cannot be decoded, with their bytes as value.
   * Without one they are left out, and `errors` tells of it. @defaultValue none
   */
  deadLetter?: Sink<never> | undefined;

  /**
   * How long a message waits that was handed back, in milliseconds, or a function of how often it was delivered.
   * @defaultValue not at all the first time, then 100 ms, twice as long each time, 30 s at the most
   */
  retryDelay?: number | ((attempt: number) => number) | undefined;

  /** How long acknowledgements are gathered before the broker is told, in milliseconds; from 0. @defaultValue `0` */
  commitInterval?: number | undefined;

  /** How long a message is sent again and again until the broker has confirmed it, in milliseconds. @defaultValue `30_000` */
  timeout?: number | undefined;

  /** Sends nothing: every message counts as sent. @defaultValue `false` */
  dry?: boolean | undefined;
}

/** The options with their defaults. */
export interface TopicPlan {
  readonly transport: Transport;
  readonly codec: Codec<unknown>;
  readonly keyCodec: Codec<unknown>;
  readonly group: string | undefined;
  readonly start: StartPosition;
  readonly maxSize: number;
  readonly maxDeliver: number;
  readonly deadLetter: Sink<never> | undefined;
  readonly retryDelay: (attempt: number) => number;
  readonly commitInterval: number;
  readonly timeout: number;
  readonly dry: boolean;
}

const transportCheck: Check = (value) => {
  const it = value as Partial<Transport> | null;
  const isOne = typeof it === 'object' && typeof it?.send === 'function' && typeof it.consume === 'function';
  return isOne ? undefined : 'a transport, such as memory()';
};

const sinkCheck: Check = (value) =>
  isReceiver(value) || typeof value === 'function' ? undefined : 'a topic, a channel or a function';

const groupCheck: Check = (value) =>
  typeof value === 'string' && /^[\w-]{1,128}$/.test(value) ? undefined : 'letters, digits, _ and -';

/** A number that is no time is found here; what a function gives, when it is called. */
const delayCheck: Check = (value) => (typeof value === 'function' ? undefined : timeLimit(value));

/** The checks of the options. */
export const topicChecks: Readonly<Record<keyof TopicOptions<unknown>, Check>> = {
  transport: transportCheck,
  codec: codecCheck,
  keyCodec: codecCheck,
  group: groupCheck,
  start: anything,
  maxSize: count(1),
  maxDeliver: count(1, { unbounded: true }),
  deadLetter: sinkCheck,
  retryDelay: delayCheck,
  commitInterval: timeLimit,
  timeout: duration,
  dry: kind('boolean'),
};

/** The one of this thread. */
let ownMemory: Transport | undefined;

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function topicPlan<T, K>(name: string, given: TopicOptions<T, K>): TopicPlan {
  const options = ownOptions('topic', { ...defaults(), ...defined(given) }, topicChecks);
  const { group, retryDelay = backOff, transport = (ownMemory ??= memory()) } = options;
  const start = startOf(
    'use the option start of topic',
    options.start === undefined ? (group === undefined ? 'new' : 'first') : options.start,
    transport,
  );
  if (!isName(name))
    throw argumentError(
      `Cannot make a topic: expected a name of letters, digits, _ and -, in parts separated by dots, received ${typeof name === 'string' ? JSON.stringify(name) : typeof name}`,
    );
  return {
    transport,
    codec: options.codec ?? valueCodec,
    keyCodec: options.keyCodec ?? textCodec,
    group,
    start,
    maxSize: options.maxSize ?? 256,
    maxDeliver: options.maxDeliver ?? Infinity,
    deadLetter: options.deadLetter,
    retryDelay: typeof retryDelay === 'function' ? retryDelay : () => retryDelay,
    commitInterval: options.commitInterval ?? 0,
    timeout: options.timeout ?? 30_000,
    dry: options.dry ?? false,
  };
}

/** The defaults of the program that are options of topics; the others are for others. */
function defaults(): TopicOptions<unknown, unknown> {
  return Object.fromEntries(Object.entries(conf()).filter(([name]) => Object.hasOwn(topicChecks, name)));
}

function defined<T extends object>(options: T): Partial<T> {
  if (typeof options !== 'object' || options === null) return options;
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** A name that every broker takes. */
function isName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= 200 && /^[\w-]+(?:\.[\w-]+)*$/.test(name);
}

/** The first time at once, so that order is kept where nothing is really wrong. */
function backOff(attempt: number): number {
  return attempt <= 1 ? 0 : Math.min(100 * 2 ** (attempt - 2), 30_000);
}
