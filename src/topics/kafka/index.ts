/** Topics over Kafka. @module */

export { kafka } from './kafka.ts';
export type { KafkaOptions } from './kafka.ts';
export type { KafkaClient, KafkaLike } from './client-types.ts';
