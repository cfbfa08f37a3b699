/** Topics over NATS JetStream. @module */

export { nats } from './nats.ts';
export type { NatsOptions } from './nats.ts';
