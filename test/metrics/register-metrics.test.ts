/** The figures of pools, as prom-client and OpenTelemetry give them out. @module */

import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { ThreadPool } from 'offloop';
import { registerMetrics } from 'offloop/metrics';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { add } from '../fixtures/jobs/basics.mjs';
import { exits, fails } from '../fixtures/jobs/failing.mjs';

/** A pool in which two calls have returned, one has thrown, and one has ended its thread. */
async function usedPool(name: string): Promise<ThreadPool> {
  const pool = new ThreadPool({ name, size: 1 });
  await add.with({ pool })(1);
  await add.with({ pool })(2);
  await expect(fails.with({ pool })('exported')).rejects.toThrow('told');
  await expect(exits.with({ pool })(3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
  return pool;
}

/** The lines of `text` that are values, without those of zero. */
function values(text: string): string[] {
  return text.split('\n').filter((line) => /^[^#].* (?!0$)/.test(line));
}

/** The values that were exported, by the names and units of what they are of. */
function pointsOf(exporter: InMemoryMetricExporter): Record<string, object[]> {
  const told = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return Object.fromEntries(
    told.map(({ descriptor: { name, unit }, dataPoints }) => [
      `${name} ${unit}`,
      dataPoints.map(({ attributes, value }) => ({ ...attributes, value })),
    ]),
  );
}

describe('a registry of prom-client', () => {
  test('gives the figures of each pool, with its name', async () => {
    const registry = new Registry();
    const pools = new Set<ThreadPool>();
    using _ = registerMetrics(registry, { pools });
    await using images = await usedPool('images');
    await using other = new ThreadPool({ name: 'other', size: 1 });
    pools.add(images).add(other);
    const text = await registry.metrics();

    expect(text).toContain('# TYPE offloop_calls_total counter');
    expect(text).toContain('# TYPE offloop_call_run_seconds summary');
    expect(text).toContain('# TYPE offloop_threads gauge');
    expect(values(text)).toEqual(
      expect.arrayContaining([
        'offloop_calls_total{pool="images",outcome="returned"} 2',
        'offloop_calls_total{pool="images",outcome="threw"} 1',
        'offloop_calls_total{pool="images",outcome="lost"} 1',
        'offloop_call_run_seconds_count{pool="images"} 3',
      ]),
    );
    expect(text).toContain('offloop_calls_total{pool="images",outcome="refused"} 0');
    expect(text).toContain('offloop_threads{pool="other"} 0');
  });

  test('tells times in seconds, as the pool itself tells them in milliseconds', async () => {
    const registry = new Registry();
    await using pool = await usedPool('timed');
    using _ = registerMetrics(registry, { pools: [pool], prefix: 'app' });
    const text = await registry.metrics();
    const { runTime } = pool.stats();

    expect(text).toContain(`app_call_run_seconds_sum{pool="timed"} ${runTime.sum / 1000}\n`);
    expect(text).toContain(`app_call_run_seconds{pool="timed",quantile="0.99"} ${runTime.p99 / 1000}\n`);
  });

  test('counts the threads that start and end, by the reason', async () => {
    const registry = new Registry();
    const pools = new Set<ThreadPool>();
    using _ = registerMetrics(registry, { pools });
    await using pool = await usedPool('mortal');
    pools.add(pool);
    await add.with({ pool })(1);

    expect(values(await registry.metrics())).toEqual(
      expect.arrayContaining([
        'offloop_thread_starts_total{pool="mortal"} 2',
        'offloop_thread_ends_total{pool="mortal",reason="exit"} 1',
      ]),
    );
  });

  test('takes the default pool if none is named, and gives its values as JSON, too', async () => {
    const registry = new Registry();
    using _ = registerMetrics(registry);

    expect(await registry.getMetricsAsJSON()).toContainEqual(
      expect.objectContaining({
        name: 'offloop_threads',
        type: 'gauge',
        aggregator: 'sum',
        values: [{ labels: { pool: 'default' }, value: ThreadPool.default.stats().threads }],
      }),
    );
  });

  test('is left as it was by unregister(), and by a name that is taken', async () => {
    const registry = new Registry();
    const metrics = registerMetrics(registry, { pools: [] });
    expect(() => registerMetrics(registry, { pools: [] })).toThrow(/already been registered/);
    metrics.unregister();
    metrics.unregister();
    expect(await registry.metrics()).toBe('\n');

    registerMetrics(registry, { pools: [] }).unregister();
  });
});

describe('a meter of OpenTelemetry', () => {
  test('is told of the same figures', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    const provider = new MeterProvider({ readers: [reader] });
    await using pool = await usedPool('images');
    const metrics = registerMetrics(provider.getMeter('app'), { pools: [pool] });
    await reader.forceFlush();
    const points = pointsOf(exporter);

    expect(points['offloop.calls {call}']).toEqual(
      expect.arrayContaining([
        { pool: 'images', outcome: 'returned', value: 2 },
        { pool: 'images', outcome: 'threw', value: 1 },
        { pool: 'images', outcome: 'lost', value: 1 },
      ]),
    );
    const { waitTime } = pool.stats();
    expect(points['offloop.call.wait s']).toContainEqual({
      pool: 'images',
      quantile: '0.5',
      value: waitTime.p50 / 1000,
    });
    expect(points['offloop.call.wait.total s']).toEqual([{ pool: 'images', value: waitTime.sum / 1000 }]);

    metrics.unregister();
    exporter.reset();
    await add.with({ pool })(3);
    await reader.forceFlush();
    // The SDK goes on telling what it was told last.
    const after = pointsOf(exporter)['offloop.calls {call}'] ?? [];
    expect(after).toContainEqual({ pool: 'images', outcome: 'returned', value: 2 });
    await provider.shutdown();
  });
});

describe('registerMetrics', () => {
  test.each([
    ['no registry', () => registerMetrics({} as never)],
    ['an unknown option', () => registerMetrics(new Registry(), { pool: [] } as never)],
    ['a prefix that no name can begin with', () => registerMetrics(new Registry(), { prefix: '1st' })],
    ['what is no pool', () => registerMetrics(new Registry(), { pools: [{}] as never })],
  ])('refuses %s', (_, register) => {
    expect(register).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });

  test('refuses two pools of one name, also if the second comes later', async () => {
    const registry = new Registry();
    await using one = new ThreadPool({ name: 'same' });
    await using two = new ThreadPool({ name: 'same' });
    const pools = new Set([one]);

    expect(() => registerMetrics(registry, { pools: [one, two] })).toThrow(/both are named "same"/);
    using _ = registerMetrics(registry, { pools });
    pools.add(two);
    await expect(registry.metrics()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
    pools.delete(two);
    await expect(registry.metrics()).resolves.toContain('pool="same"');
  });
});
