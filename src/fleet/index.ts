/** Calls on other machines. @module */

export { fleet } from './caller/fleet.ts';
export type { Fleet } from './caller/fleet.ts';
export type { FleetOptions, FleetStats } from './caller/fleet-options.ts';
export type { FleetNodeInfo } from './caller/nodes.ts';
export type { Code } from './code/code.ts';
export type { ServerOptions } from './nats/server-options.ts';
