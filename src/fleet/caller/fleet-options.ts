/** The options of a fleet, and its figures. @module */

import { duration, kind, ownOptions, timeLimit } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import type { PoolStats } from '../../pool/pool-stats.ts';
import { serverChecks } from '../nats/server-options.ts';
import type { ServerOptions } from '../nats/server-options.ts';

/** Options of `fleet`. */
export interface FleetOptions extends ServerOptions {
  /** What `stats()`, metrics and traces call it. @defaultValue `'fleet'` */
  name?: string | undefined;

  /**
   * How long a call may wait for a node that has no `queueTimeout` of its own, in milliseconds; above 0.
   * @defaultValue `Infinity`
   */
  queueTimeout?: number | undefined;

  /**
   * How long a node may give no sign of life before it counts as lost, in milliseconds; above 0. @defaultValue `5000`
   */
  nodeTimeout?: number | undefined;

  /** How long to look for a server at the beginning, in milliseconds; above 0. Later on it is looked for without end. @defaultValue `10_000` */
  connectTimeout?: number | undefined;

  /**
   * After how many milliseconds without a call the connection is closed, which keeps the process alive; from 0.
   * @defaultValue `1000`
   */
  idleTimeout?: number | undefined;

  /** How the queues are made that are not there yet, in the words of the server, such as `{ num_replicas: 3 }`. @defaultValue `{}` */
  stream?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What a fleet does and has done, as this process sees it: `threads` are those of the nodes that answered last, `busy` the calls
 * that nodes are known to run, `queued` all others. There is no `perThread`, and nothing is `blocked` or `ending`.
 */
export interface FleetStats extends PoolStats {
  /** How many nodes answered last, when `nodes()` was called. */
  readonly nodes: number;
}

export interface CompleteOptions extends ServerOptions {
  readonly name: string;
  readonly queueTimeout: number;
  readonly nodeTimeout: number;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly stream: Readonly<Record<string, unknown>>;
}

const checks: Record<keyof FleetOptions, Check> = {
  ...serverChecks,
  name: kind('string'),
  queueTimeout: duration,
  nodeTimeout: duration,
  connectTimeout: duration,
  idleTimeout: timeLimit,
  stream: kind('object'),
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function complete(given: FleetOptions): CompleteOptions {
  const options = ownOptions('fleet', given, checks);
  const { name = 'fleet', queueTimeout = Infinity, nodeTimeout = 5000, connectTimeout = 10_000 } = options;
  const { idleTimeout = 1000, stream = {} } = options;
  return { ...options, name, queueTimeout, nodeTimeout, connectTimeout, idleTimeout, stream };
}
