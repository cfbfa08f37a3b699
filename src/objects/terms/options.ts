/** The options of threaded classes, of the start of objects, and of calls of objects. @module */

import type { Transferable } from 'node:worker_threads';
import type { Overflow } from '../../channel/ring/ring.ts';
import { count, duration, kind, list, oneOf } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import { signalCheck } from '../../base/signal.ts';
import { superviseCheck } from './restarts.ts';
import type { Restarting } from './restarts.ts';

/** Options of the objects of a class; those of one start override those of the class. */
export interface ObjectOptions {
  /**
   * How many instances to start, each in a thread of its own, behind one object: a whole number from 1. Calls of one
   * `key` go to the same instance, others to the living one with the fewest calls. @defaultValue `1`
   */
  instances?: number | undefined;

  /**
   * Starts an instance whose thread has died again, with the same arguments. What the instance had in memory is lost,
   * and so are the calls that were under way, which reject. @defaultValue none: the object stays dead
   */
  supervise?: Restarting | undefined;

  /**
   * How long the object's own dispose may take, in milliseconds; above 0. After that time the release rejects with
   * `ERR_OFFLOOP_TIMEOUT`, and the thread ends. @defaultValue `30_000`
   */
  disposeTimeout?: number | undefined;
}

/** Options of one start. */
export interface StartOptions extends ObjectOptions {
  /** Gives up the start: it rejects with `signal.reason`, and the thread ends. @defaultValue none */
  signal?: AbortSignal | undefined;

  /** How long the constructor may run, in milliseconds; above 0. @defaultValue `Infinity` */
  timeout?: number | undefined;

  /**
   * How long the object may wait for a place, in milliseconds: at most `maxWorkers` objects live at once. After that
   * time the start rejects with `ERR_OFFLOOP_QUEUE_TIMEOUT`. Above 0. @defaultValue `Infinity`
   */
  queueTimeout?: number | undefined;

  /** The objects that are moved to the thread instead of copied. @defaultValue `[]` */
  transfer?: readonly Transferable[] | undefined;
}

/** Options of the calls of an object. Those from `maxSize` on are for generator methods only. */
export interface ObjectCallOptions {
  /** Gives the call up: it rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;

  /** How long the method may run, in milliseconds, waiting included; above 0. @defaultValue `Infinity` */
  timeout?: number | undefined;

  /** The objects that are moved to the thread instead of copied. @defaultValue `[]` */
  transfer?: readonly Transferable[] | undefined;

  /** With `instances`: calls of the same key go to the same instance. @defaultValue none */
  key?: string | number | undefined;

  /** How many items may exist that the consumer has not taken: a whole number from 0. @defaultValue as `configure` says */
  maxSize?: number | undefined;

  /** How an item is treated when `maxSize` items wait; see `threadedIterable`. @defaultValue `'block'` */
  overflow?: Overflow | undefined;

  /** How long a generator may take to end after it was closed, in milliseconds; above 0. @defaultValue `5000` */
  closeTimeout?: number | undefined;
}

type Checks<T> = Readonly<Record<keyof T, Check>>;

export const objectChecks: Checks<ObjectOptions> = {
  instances: count(1),
  supervise: superviseCheck,
  disposeTimeout: duration,
};

export const startChecks: Checks<StartOptions> = {
  ...objectChecks,
  signal: signalCheck,
  timeout: duration,
  queueTimeout: duration,
  transfer: list,
};

export const callChecks: Checks<ObjectCallOptions> = {
  signal: signalCheck,
  timeout: duration,
  transfer: list,
  key: kind('string', 'number'),
  maxSize: count(0, { unbounded: true }),
  overflow: oneOf('block', 'error', 'drop-oldest', 'drop-newest'),
  closeTimeout: duration,
};
