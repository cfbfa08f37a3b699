/** Figures for a registry of prom-client. @module */

import type { PrometheusMetric } from './prometheus.ts';

/** What is used of prom-client's `Registry`. */
export interface Registry {
  registerMetric(metric: never): void;
  removeSingleMetric(name: string): void;
}

/** What a registry asks of a metric. */
interface Metric {
  readonly name: string;
  get(): Promise<object>;
  reset(): void;
}

/** Registers `metrics`; returns a function that takes them out again. */
export function registerIn(registry: Registry, metrics: readonly PrometheusMetric[]): () => void {
  const registered: string[] = [];
  const remove = (): void => {
    for (const name of registered) registry.removeSingleMetric(name);
  };
  try {
    for (const metric of metrics) {
      registry.registerMetric(asked(metric) as never);
      registered.push(metric.name);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

function asked({ values, ...facts }: PrometheusMetric): Metric {
  return {
    name: facts.name,
    get: async () => ({ ...facts, values: values() }),
    // The counts belong to the pool, which has a `resetStats` of its own.
    reset: () => undefined,
  };
}
