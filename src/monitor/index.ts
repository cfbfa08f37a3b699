/** What pools do, as a page, as events and as figures. @module */

export { monitor } from './monitor.ts';
export type { Monitor, MonitorOptions } from './monitor.ts';
export type { ListenOptions, Listening } from './listen.ts';
export type { Peer } from './guard.ts';
export type { Monitored, NodeSample, PoolSample, Quantiles, Sample } from './sample.ts';
