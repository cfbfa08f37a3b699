/** Operators, events and agents on any iterable. @module */

export { agent } from './agent/make-agent.ts';
export { Agent } from './agent/agent.ts';
export type { AgentStats } from './agent/agent.ts';
export type { AgentOptions, Supervision } from './agent/agent-options.ts';
export type { ThreadItem } from './agent/feed.ts';
export { threadEvents } from './agent/thread-events.ts';
export type { SettleItem, ThreadEvents } from './agent/thread-events.ts';
export { channel, StreamChannel } from './channels/channel.ts';
export type { ChannelOptions, SubscribeOptions, Subscription } from './channels/channel.ts';
export { StreamEvent } from './events/event.ts';
export { eventsOf } from './sources/events-of.ts';
export type { EventsOptions } from './sources/events-of.ts';
export { merge, stream } from './make.ts';
export type { ItemOf, KeyOf, ValueOf } from './events/item-types.ts';
export type { EventHeaders, StreamEventOptions } from './events/event.ts';
export type { GroupStats } from './groups/group.ts';
export type { PartitionStats } from './groups/partition.ts';
export type { AnyIterable } from './arguments/iterables.ts';
export type { BatchOptions, DeliveryOptions, GroupOptions, StageOptions, StreamOptions } from './arguments/options.ts';
export type { OnError } from './run/policy.ts';
export type { Outcome, Settle } from './events/receipt.ts';
export type { Receiver, Sink } from './run/sink.ts';
export { KeyedStream, Stream } from './stream.ts';
export type { GroupKey } from './groups/partition-of.ts';
