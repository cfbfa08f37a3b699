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
} from 'offloop';
export type {
  AsyncOf,
  CallOptions,
  Handle,
  Offload,
  Offloaded,
  SeparateCallOptions,
  SeparateOptions,
  Threaded,
  ThreadedOptions,
  ThreadedSeparate,
} from 'offloop';
