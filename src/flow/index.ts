/** Sources, handlers, sinks. @module */

export { checkpoint, Checkpoint } from './checkpoint/checkpoint.ts';
export type { CheckpointCallback, CheckpointOptions, CheckpointStore, Latency } from './checkpoint/checkpoint.ts';
export { dependency, Dependency } from './checkpoint/dependency.ts';
export type { DependencyOptions, DependentFacts, Marker, State } from './checkpoint/dependency.ts';
export { codec } from './codec/codec.ts';
export type { Codec, CodecFunctions, MessageFacts } from './codec/codec.ts';
export { decoding } from './codec/decoding.ts';
export { jsonCodec } from './codec/json-codec.ts';
export { drain, flow, handle, onExit, run } from './flow.ts';
export type { ExitOptions, Flow, Handle } from './flow.ts';
export type { HandleOptions, Pipe } from './handle-options.ts';
export type { Handler, ItemInfo, Register } from './handler-types.ts';
export { Keyed, keyed } from './keyed.ts';
export { Relay, relay } from './relay.ts';
export type { RunOptions } from './run-options.ts';
export { keySink } from './sinks.ts';
export type { FlowSink } from './sinks.ts';
export { timer } from './timer.ts';
export type { TimerOptions } from './timer.ts';
export { takesKey } from '../base/takes-key.ts';
export type { KeySink } from '../base/takes-key.ts';
export { conf, createConf } from '../base/conf.ts';
export type { Conf, ConfValues } from '../base/conf.ts';
