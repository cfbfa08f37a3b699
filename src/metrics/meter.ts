/** Figures for a meter of OpenTelemetry. @module */

import { figures, quantiles, spans } from './figures.ts';
import type { Known, Value } from './figures.ts';
import type { Reading } from './reading.ts';

interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
}

interface Result {
  observe(instrument: never, value: number, attributes: Record<string, string>): void;
}

/** What is used of OpenTelemetry's `Meter`. */
export interface Meter {
  createObservableGauge(name: string, options: InstrumentOptions): unknown;
  createObservableCounter(name: string, options: InstrumentOptions): unknown;
  addBatchObservableCallback(callback: (result: Result) => void, instruments: never): void;
  removeBatchObservableCallback(callback: (result: Result) => void, instruments: never): void;
}

/** Creates the instruments under `prefix`; returns a function after whose call they are not observed any more. */
export function observeBy(meter: Meter, prefix: string, reading: Reading): () => void {
  const observed: { readonly instrument: unknown; readonly read: (known: Known) => readonly Value[] }[] = [];
  const gauge = (name: string, unit: string, description: string): unknown =>
    meter.createObservableGauge(`${prefix}.${name}`, { unit, description });
  const counter = (name: string, unit: string, description: string): unknown =>
    meter.createObservableCounter(`${prefix}.${name}`, { unit, description });

  for (const { name, kind, unit, help, read } of figures)
    observed.push({ instrument: (kind === 'gauge' ? gauge : counter)(name, unit, help), read });
  for (const { name, help, read } of spans) {
    observed.push(
      { instrument: gauge(name, 's', `${help}: quantiles`), read: ({ stats }) => quantiles(read(stats)) },
      {
        instrument: counter(`${name}.total`, 's', `${help}: the sum`),
        read: ({ stats }) => [{ labels: {}, value: read(stats).sum / 1000 }],
      },
    );
  }

  const tell = (result: Result): void => {
    for (const { instrument, read } of observed) {
      for (const { labels, value } of reading.values(read)) result.observe(instrument as never, value, { ...labels });
    }
  };
  const instruments = observed.map(({ instrument }) => instrument) as never;
  meter.addBatchObservableCallback(tell, instruments);
  return () => meter.removeBatchObservableCallback(tell, instruments);
}
