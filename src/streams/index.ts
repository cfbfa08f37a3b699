/** Operators, events and agents on any iterable. @module */

export { agent } from './agent/make-agent.ts';
export { Agent } from './agent/agent.ts';
export type { AgentStats } from './agent/agent.ts';
export type { AgentOptions, Supervision } from './agent/agent-options.ts';
export type { ThreadItem } from './agent/feed.ts';
export { threadEvents } from './agent/thread-events.ts';
export type { SettleItem, ThreadEvents } from './agent/thread-events.ts';
export { channel, StreamChannel } from './channel.ts';
export type { ChannelOptions, SubscribeOptions, Subscription } from './channel.ts';
export { StreamEvent } from './event.ts';
export { eventsOf } from './events-of.ts';
export type { EventsOptions } from './events-of.ts';
export { merge, stream } from './make.ts';
export type { ItemOf, KeyOf, ValueOf } from './item-types.ts';
export type { EventHeaders, StreamEventOptions } from './event.ts';
export type { GroupStats } from './group.ts';
export type { PartitionStats } from './partition.ts';
export type { AnyIterable } from './iterables.ts';
export type { BatchOptions, DeliveryOptions, GroupOptions, StageOptions, StreamOptions } from './options.ts';
export type { OnError } from './policy.ts';
export type { Outcome, Settle } from './receipt.ts';
export type { Receiver, Sink } from './sink.ts';
export { KeyedStream, Stream } from './stream.ts';
export type { GroupKey } from './partition-of.ts';
