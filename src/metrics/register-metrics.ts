/** Registers the figures of pools where a program keeps its figures. @module */

import { argumentError } from '../base/errors.ts';
import { ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { ThreadPool } from '../pool/thread-pool.ts';
import { observeBy } from './meter.ts';
import type { Meter } from './meter.ts';
import { prometheusMetrics } from './prometheus.ts';
import { Reading } from './reading.ts';
import type { Figured } from './reading.ts';
import { registerIn } from './registry.ts';
import type { Registry } from './registry.ts';

/** Options of `registerMetrics`. */
export interface MetricsOptions {
  /**
   * The pools and fleets, each with a `name` of its own. They are looked through whenever figures are collected: a `Set` may be
   * added to later.
   *
   * @defaultValue the default pool
   */
  pools?: Iterable<Figured> | undefined;

  /** What all names begin with: a letter, then letters, digits and underscores. @defaultValue `'offloop'` */
  prefix?: string | undefined;
}

/** Figures that are registered. */
export interface RegisteredMetrics extends Disposable {
  /** Takes the figures out again; what was collected before stays where it is. A second call does nothing. */
  unregister(): void;
}

const checks: Record<keyof MetricsOptions, Check> = {
  pools: (value) =>
    typeof value === 'object' && value !== null && Symbol.iterator in value ? undefined : 'an iterable of pools',
  prefix: (value) =>
    typeof value === 'string' && /^[a-zA-Z][a-zA-Z0-9_]*$/.test(value)
      ? undefined
      : 'a letter, then letters, digits and underscores',
};

/**
 * Registers the figures of pools with a `Registry` of prom-client or a `Meter` of OpenTelemetry that is handed in. They are
 * read when they are collected, all at one moment, and cost nothing otherwise. Times are in seconds; counts begin anew when
 * `pool.resetStats()` is called, as after a restart of the program. A closed pool is told of until it is taken out of `pools`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `target` is neither, an option cannot be used, or two pools have one name; if
 * that comes about later, collecting fails with it.
 * @throws {Error} of prom-client if a name is taken; none of the names is registered then.
 *
 * @example
 * ```ts
 * import { register } from 'prom-client';
 *
 * registerMetrics(register, { pools: [ThreadPool.default, images] });
 * ```
 */
export function registerMetrics(target: Registry | Meter, options: MetricsOptions = {}): RegisteredMetrics {
  const { pools, prefix = 'offloop' } = ownOptions('registerMetrics', options, checks);
  if (!isRegistry(target) && !isMeter(target))
    throw argumentError('Cannot register metrics: expected a Registry of prom-client or a Meter of OpenTelemetry');
  const reading = new Reading(() => poolsOf(pools ?? [ThreadPool.default]));
  let forget: () => void;
  try {
    reading.read();
    forget = isRegistry(target)
      ? registerIn(target, prometheusMetrics(prefix, reading))
      : observeBy(target, prefix, reading);
  } catch (error) {
    reading.close();
    throw error;
  }
  let isOver = false;
  const unregister = (): void => {
    if (isOver) return;
    isOver = true;
    forget();
    reading.close();
  };
  return { unregister, [Symbol.dispose]: unregister };
}

function* poolsOf(pools: Iterable<Figured>): Iterable<Figured> {
  for (const pool of pools) {
    if (typeof pool?.stats !== 'function' || typeof pool.name !== 'string')
      throw argumentError('Cannot read the figures of a pool: expected a ThreadPool');
    yield pool;
  }
}

function isRegistry(target: unknown): target is Registry {
  return typeof (target as Registry | null)?.registerMetric === 'function';
}

function isMeter(target: unknown): target is Meter {
  return typeof (target as Meter | null)?.addBatchObservableCallback === 'function';
}
