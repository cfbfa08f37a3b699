/** The public API of offloop. @module */

export { threaded } from './wrappers/threaded.ts';
export { threadedSeparate } from './wrappers/threaded-separate.ts';
export { threadedIterable } from './wrappers/threaded-iterable.ts';
export { threadedIterableSeparate } from './wrappers/threaded-iterable-separate.ts';
export { IteratorWrapper, IteratorWrapperSeparate } from './wrappers/iterator-wrapper.ts';
export type {
  IterableCallOptions,
  IterableMembers,
  IterableOf,
  IterableOptions,
  IteratorOver,
  SeparateIterableCallOptions,
  SeparateIterableOptions,
  ThreadedIterable,
  ThreadedIterableSeparate,
} from './wrappers/iterable-types.ts';
export { ThreadedIterator } from './channel/threaded-iterator.ts';
export type { Overflow } from './channel/ring/ring.ts';
export { offload } from './wrappers/offload.ts';
export type {
  AsyncOf,
  CallOptions,
  Handle,
  Members,
  Offload,
  Offloaded,
  SeparateCallOptions,
  SeparateOptions,
  Threaded,
  ThreadedOptions,
  ThreadedSeparate,
  ThreadedSeparateWith,
  ThreadedWith,
} from './wrappers/types.ts';
export { callChannel } from './wrappers/tracing.ts';
export type { CallTrace } from './wrappers/tracing.ts';
export { syncIterate } from './channel/sync-iterate.ts';
export { callSignal } from './wait/call-signal.ts';
export { coroutine } from './bridge/coroutine.ts';
export type { Coroutine, CoroutineOptions } from './bridge/coroutine.ts';
export { syncWaitCoroutine } from './bridge/sync-wait-coroutine.ts';
export type { SyncWaitCoroutine } from './bridge/sync-wait-coroutine.ts';
export type { WaitOptions } from './wait/wait-options.ts';
export { ContextVar } from './context/context-var.ts';
export type { ContextVarOptions } from './context/context-var.ts';
export type { CrossingOptions } from './context/crossing.ts';
export { propagate } from './context/propagate.ts';
export type { ContextStore, PropagateOptions } from './context/propagate.ts';
export { setup } from './address/setup.ts';
export { move } from './codec/memory/move.ts';
export { fromThread, sendable, toThread } from './codec/sendable.ts';
export { configure } from './base/config.ts';
export type { Configuration, ViewMode } from './base/config.ts';
export { OffloopError, WorkerExitError } from './base/errors.ts';
export type { ErrorCode } from './base/errors.ts';
export { setDefaultPool, ThreadPool } from './pool/thread-pool.ts';
export type { PoolStats, ThreadStats } from './pool/pool-stats.ts';
export type { Executor } from './call/executor.ts';
export type {
  PoolEvents,
  ThreadEndEvent,
  ThreadEndReason,
  ThreadReplaceEvent,
  ThreadStartEvent,
} from './threads/events.ts';
export type { CloseOptions, MapOptions, ReadyOptions, ThreadPoolOptions } from './pool/pool-options.ts';
export { threadNumber } from './threads/thread-number.ts';
export { Channel } from './sync/channel.ts';
export type { ChannelOptions } from './sync/channel-options.ts';
export { Event } from './sync/event.ts';
export { Lock } from './sync/lock.ts';
export type { Pass } from './sync/pass.ts';
export { Semaphore } from './sync/semaphore.ts';
export type { Counts, Durations } from './pool/figures/tally.ts';
