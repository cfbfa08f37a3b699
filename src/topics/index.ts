/** Topics: messages with keys, groups and acknowledgements, in memory or at a broker. @module */

export { topic } from './make.ts';
export { Topic } from './topic.ts';
export type { CloseTopicOptions } from './topic.ts';
export type { TopicStats } from './counts.ts';
export type { TopicOptions } from './topic-options.ts';
export type { BrokerMessage, TopicMessage } from './message.ts';
export type { Start } from './position.ts';
export type { Codec } from './codec.ts';
export { memory } from './memory/memory.ts';
export type { MemoryOptions } from './memory/memory.ts';
export { inThread } from './thread/in-thread.ts';
export type { InThreadOptions } from './thread/in-thread.ts';
export type {
  ConsumeListener,
  ConsumeWish,
  Consumption,
  IncomingMessage,
  OutgoingMessage,
  Placed,
  StartPosition,
  Transport,
  TransportAbilities,
} from './transport.ts';
