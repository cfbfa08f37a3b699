/** The public API of offloop. @module */

export { threaded } from './decorators/threaded.ts';
export { threadedSeparate } from './decorators/threaded-separate.ts';
export { threadedIterable } from './decorators/threaded-iterable.ts';
export { threadedIterableSeparate } from './decorators/threaded-iterable-separate.ts';
export { IteratorWrapper, IteratorWrapperSeparate } from './decorators/iterator-wrapper.ts';
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
} from './decorators/iterable-types.ts';
export { ThreadedIterator } from './iterator/threaded-iterator.ts';
export type { Overflow } from './stream/ring.ts';
export { offload } from './decorators/offload.ts';
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
} from './decorators/types.ts';
export type { CallTrace } from './lane/call-plan.ts';
export { syncIterate } from './lane/remote-items.ts';
export { callSignal } from './lane/call-signal.ts';
export { coroutine } from './bridge/coroutine.ts';
export type { Coroutine, CoroutineOptions } from './bridge/coroutine.ts';
export { syncWaitCoroutine } from './bridge/sync-wait-coroutine.ts';
export type { SyncWaitCoroutine } from './bridge/sync-wait-coroutine.ts';
export type { WaitOptions } from './lane/wait-options.ts';
export { ContextVar } from './context/context-var.ts';
export type { ContextVarOptions } from './context/context-var.ts';
export type { CrossingOptions } from './context/crossing.ts';
export { propagate } from './context/propagate.ts';
export type { ContextStore, PropagateOptions } from './context/propagate.ts';
export { setup } from './address/setup.ts';
export { move } from './codec/move.ts';
export { fromThread, sendable, toThread } from './codec/sendable.ts';
export { configure } from './config.ts';
export type { Configuration, ViewMode } from './config.ts';
export { OffloopError, WorkerExitError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export { setDefaultPool, ThreadPool } from './pool/thread-pool.ts';
export type { PoolStats } from './pool/thread-pool.ts';
export type { PoolEvents, ThreadEndEvent, ThreadEndReason, ThreadReplaceEvent, ThreadStartEvent } from './pool/life.ts';
export type { ThreadStats } from './pool/station.ts';
export type { CloseOptions, MapOptions, ReadyOptions, ThreadPoolOptions } from './pool/pool-options.ts';
export { threadNumber } from './pool/thread-number.ts';
export { Channel } from './sync/channel.ts';
export type { ChannelOptions } from './sync/channel-options.ts';
export { Event } from './sync/event.ts';
export { Lock } from './sync/lock.ts';
export type { Pass } from './sync/pass.ts';
export { Semaphore } from './sync/semaphore.ts';
export type { Counts, Durations } from './pool/tally.ts';
