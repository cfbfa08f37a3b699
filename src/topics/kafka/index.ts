/** Topics over Kafka. @module */

export { kafka } from './kafka.ts';
export type { KafkaOptions } from './kafka.ts';
export type { KafkaClient } from './client-types.ts';
