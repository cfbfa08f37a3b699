/** Figures of pools for prom-client and OpenTelemetry. @module */

export { registerMetrics } from './register-metrics.ts';
export type { Figured } from './reading.ts';
export type { MetricsOptions, RegisteredMetrics } from './register-metrics.ts';
export type { Meter } from './meter.ts';
export type { Registry } from './registry.ts';
