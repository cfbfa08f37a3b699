/** What the type tests use of the package, as a user of it sees it: through its `exports`, from the build. @module */

export {
  IteratorWrapper,
  IteratorWrapperSeparate,
  offload,
  threaded,
  threadedIterable,
  threadedIterableSeparate,
  ThreadedIterator,
  threadedSeparate,
  ThreadPool,
  threadNumber,
} from 'offloop';
export type {
  AsyncOf,
  CallOptions,
  Handle,
  Offload,
  Offloaded,
  PoolStats,
  SeparateCallOptions,
  SeparateOptions,
  Threaded,
  ThreadEndEvent,
  ThreadEndReason,
  ThreadPoolOptions,
  ThreadStats,
  ThreadedOptions,
  ThreadedSeparate,
} from 'offloop';
