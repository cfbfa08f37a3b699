/** Live objects in threads, entity streams and byte streams. @module */

export { threadedObject } from './threaded-object.ts';
export { controls } from './proxies/proxy.ts';
export { entityStream } from './entity-stream.ts';
export type { EntityStream, EntityStreamOptions } from './entity-stream.ts';
export type { ObjectCallOptions, ObjectOptions, StartOptions } from './terms/options.ts';
export type { Restarting } from './terms/restarts.ts';
export type {
  AnyClass,
  Members,
  MemberOf,
  ObjectControls,
  ObjectStatus,
  Settable,
  StaticControls,
  ThreadedClass,
  ThreadedClassOptions,
  ThreadedObject,
} from './terms/types.ts';
export * from './bytes/index.ts';
export * from './links/index.ts';
