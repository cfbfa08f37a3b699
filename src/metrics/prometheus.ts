/** The figures under the names and in the units of Prometheus. @module */

import type { Durations } from '../pool/figures/tally.ts';
import { figures, quantiles, spans } from './figures.ts';
import type { Figure, Known, Value } from './figures.ts';
import type { Reading } from './reading.ts';

/** A figure, or how long calls took. */
export interface PrometheusMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'summary';

  /** How the values of several processes make one: the workers of a cluster add their threads up, but not their ratios. */
  readonly aggregator: 'sum' | 'average';

  /** The values of all pools now; those of a sum and of a count have a name of their own. */
  values(): readonly (Value & { readonly metricName?: string })[];
}

/** All figures of what `reading` reads, with names that begin with `prefix`. */
export function prometheusMetrics(prefix: string, reading: Reading): PrometheusMetric[] {
  return [
    ...figures.map((figure) => figureMetric(figure, prefix, reading)),
    ...spans.map(({ name, help, read }) => summary(`${prefix}_${words(name)}_seconds`, help, reading, read)),
  ];
}

const words = (name: string): string => name.replaceAll('.', '_');

function figureMetric({ name, kind, unit, help, read }: Figure, prefix: string, reading: Reading): PrometheusMetric {
  const ending = kind === 'counter' ? '_total' : unit === '1' ? '_ratio' : '';
  return {
    name: `${prefix}_${words(name)}${ending}`,
    help,
    type: kind,
    aggregator: unit === '1' ? 'average' : 'sum',
    values: () => reading.values(read),
  };
}

function summary(
  name: string,
  help: string,
  reading: Reading,
  read: (stats: Known['stats']) => Durations,
): PrometheusMetric {
  const of =
    (values: (durations: Durations) => Value[]) =>
    ({ stats }: Known): Value[] =>
      values(read(stats));
  return {
    name,
    help,
    type: 'summary',
    aggregator: 'average',
    values: () => [
      ...reading.values(of(quantiles)),
      ...named(`${name}_sum`, reading.values(of(({ sum }) => [{ labels: {}, value: sum / 1000 }]))),
      ...named(`${name}_count`, reading.values(of(({ count }) => [{ labels: {}, value: count }]))),
    ],
  };
}

const named = (metricName: string, values: Value[]): (Value & { metricName: string })[] =>
  values.map((value) => ({ ...value, metricName }));

/** `metrics` as the text that Prometheus reads, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function exposition(metrics: readonly PrometheusMetric[]): string {
  return metrics
    .flatMap((metric) => [
      `# HELP ${metric.name} ${metric.help}`,
      `# TYPE ${metric.name} ${metric.type}`,
      ...metric.values().map(({ metricName = metric.name, labels, value }) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
        return `${metricName}{${pairs.join()}} ${value}`;
      }),
      '',
    ])
    .join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
