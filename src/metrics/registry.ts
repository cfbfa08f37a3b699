/** Figures for a registry of prom-client. @module */

import type { Durations } from '../pool/tally.ts';
import { figures, quantiles, spans } from './figures.ts';
import type { Figure, Known, Value } from './figures.ts';
import type { Reading } from './reading.ts';

/** What is used of prom-client's `Registry`. */
export interface Registry {
  registerMetric(metric: never): void;
  removeSingleMetric(name: string): void;
}

/** What a registry asks a metric for. */
interface Metric {
  readonly name: string;
  get(): Promise<{
    readonly name: string;
    readonly help: string;
    readonly type: 'counter' | 'gauge' | 'summary';
    readonly aggregator: 'sum' | 'average';
    readonly values: readonly (Value & { readonly metricName?: string })[];
  }>;

  /** The counts belong to the pool, which has a `resetStats` of its own. */
  reset(): void;
}

/** Registers the figures under `prefix`; returns a function that takes them out again. */
export function registerIn(registry: Registry, prefix: string, reading: Reading): () => void {
  const metrics = [
    ...figures.map((figure) => figureMetric(figure, prefix, reading)),
    ...spans.map(({ name, help, read }) => summary(`${prefix}_${words(name)}_seconds`, help, reading, read)),
  ];
  const registered: string[] = [];
  const remove = (): void => {
    for (const name of registered) registry.removeSingleMetric(name);
  };
  try {
    for (const metric of metrics) {
      registry.registerMetric(metric as never);
      registered.push(metric.name);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

const words = (name: string): string => name.replaceAll('.', '_');

function figureMetric({ name, kind, unit, help, read }: Figure, prefix: string, reading: Reading): Metric {
  const ending = kind === 'counter' ? '_total' : unit === '1' ? '_ratio' : '';
  const full = `${prefix}_${words(name)}${ending}`;
  // The workers of a cluster add their threads up, but not their ratios.
  const aggregator = unit === '1' ? 'average' : 'sum';
  return metric(full, { help, type: kind, aggregator }, () => reading.values(read));
}

function summary(name: string, help: string, reading: Reading, read: (stats: Known['stats']) => Durations): Metric {
  const of =
    (values: (durations: Durations) => Value[]) =>
    ({ stats }: Known): Value[] =>
      values(read(stats));
  return metric(name, { help, type: 'summary', aggregator: 'average' }, () => [
    ...reading.values(of(quantiles)),
    ...named(`${name}_sum`, reading.values(of(({ sum }) => [{ labels: {}, value: sum / 1000 }]))),
    ...named(`${name}_count`, reading.values(of(({ count }) => [{ labels: {}, value: count }]))),
  ]);
}

const named = (metricName: string, values: Value[]): (Value & { metricName: string })[] =>
  values.map((value) => ({ ...value, metricName }));

type Facts = Pick<Awaited<ReturnType<Metric['get']>>, 'help' | 'type' | 'aggregator'>;

function metric(name: string, facts: Facts, values: () => readonly Value[]): Metric {
  return { name, get: async () => ({ name, ...facts, values: values() }), reset: () => undefined };
}
