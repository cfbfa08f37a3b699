/** Options of links. @module */

import { count, duration, kind, list } from '../../base/options.ts';
import { ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import type { AnyClass } from '../terms/types.ts';

/** How a link is made again that has lost its other side. */
export interface Reconnecting {
  /** How often in a row it is tried, before the link gives up: a whole number from 1. @defaultValue `Infinity` */
  attempts?: number | undefined;

  /** How long to wait before the first attempt, in milliseconds; above 0. Each further wait is twice as long. @defaultValue `100` */
  delay?: number | undefined;

  /** The longest wait, in milliseconds; above 0. @defaultValue `10_000` */
  maxDelay?: number | undefined;
}

/** Options of {@link link} and {@link linkPair}. */
export interface LinkOptions<N extends AnyClass = AnyClass> {
  /**
   * The names of the members that the other side can reach. @defaultValue the methods and accessors of the class, and of
   * a plain object all members
   */
  members?: readonly string[] | undefined;

  /**
   * The classes whose instances stay on their side: the other one gets a proxy of them, wherever in arguments and results
   * they stand. Of these it can reach the methods and accessors. @defaultValue `[]`
   */
  nested?: readonly N[] | undefined;

  /** Makes a link again that has lost its other side; the endpoint must be a function then. @defaultValue none: it is over */
  reconnect?: Reconnecting | undefined;

  /**
   * After how many milliseconds of silence the other side is asked for a sign of life; above 0. If there is none for as long
   * again, it is taken for lost. `Infinity` never asks. @defaultValue `30_000`
   */
  heartbeat?: number | undefined;

  /** How long the other side may take to appear, in milliseconds; above 0. @defaultValue `30_000` */
  connectTimeout?: number | undefined;

  /** How long `close()` waits for calls in flight, in milliseconds; above 0. @defaultValue `5000` */
  closeTimeout?: number | undefined;

  /** The most bytes of a message that is taken: a whole number from 1024. A longer one ends the link. @defaultValue `16_777_216` */
  maxMessage?: number | undefined;

  /** How many calls of the other side may be in flight: a whole number from 1. Further ones are refused. @defaultValue `16_384` */
  maxCalls?: number | undefined;

  /** How many objects and functions of this side the other one may hold: a whole number from 1. @defaultValue `65_536` */
  maxObjects?: number | undefined;

  /**
   * How many bytes may wait to be sent, if the other side is slow: a whole number from 1024. Further calls are refused; if
   * answers find no room either, the link is over. @defaultValue `16_777_216`
   */
  maxBuffered?: number | undefined;
}

/** The same, with what is missing. */
export interface LinkSettings {
  readonly members: readonly string[] | undefined;
  readonly nested: ReadonlySet<object>;
  readonly reconnect: Required<{ [K in keyof Reconnecting]: number }> | undefined;
  readonly heartbeat: number;
  readonly connectTimeout: number;
  readonly closeTimeout: number;
  readonly maxMessage: number;
  readonly maxCalls: number;
  readonly maxObjects: number;
  readonly maxBuffered: number;
}

const names: Check = (value) =>
  Array.isArray(value) && value.every((name) => typeof name === 'string') ? undefined : 'an array of strings';

const checks: Readonly<Record<keyof LinkOptions, Check>> = {
  members: names,
  nested: list,
  reconnect: kind('object'),
  heartbeat: duration,
  connectTimeout: duration,
  closeTimeout: duration,
  maxMessage: count(1024),
  maxCalls: count(1),
  maxObjects: count(1),
  maxBuffered: count(1024),
};

const reconnectChecks: Readonly<Record<keyof Reconnecting, Check>> = {
  attempts: count(1, { unbounded: true }),
  delay: duration,
  maxDelay: duration,
};

const mebibyte = 1024 * 1024;

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function linkSettings(of: string, options: LinkOptions): LinkSettings {
  const own = ownOptions(of, options, checks);
  const {
    attempts = Infinity,
    delay = 100,
    maxDelay = 10_000,
  } = own.reconnect ? ownOptions(`reconnect of ${of}`, own.reconnect, reconnectChecks) : {};
  return {
    members: own.members,
    nested: new Set((own.nested ?? []).map((type) => type.prototype as object)),
    reconnect: own.reconnect && { attempts, delay, maxDelay },
    heartbeat: own.heartbeat ?? 30_000,
    connectTimeout: own.connectTimeout ?? 30_000,
    closeTimeout: own.closeTimeout ?? 5000,
    maxMessage: own.maxMessage ?? 16 * mebibyte,
    maxCalls: own.maxCalls ?? 2 ** 14,
    maxObjects: own.maxObjects ?? 2 ** 16,
    maxBuffered: own.maxBuffered ?? 16 * mebibyte,
  };
}
