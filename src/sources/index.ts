/** Network streams in. @module */

export { SourceError } from './failures.ts';
export { httpEvents } from './http-events.ts';
export type { Gap } from './connection.ts';
export type {
  HeaderFields,
  HeadersContext,
  HttpEventsOptions,
  SourceEvent,
  SourceHeaders,
  SourceItem,
} from './http-options.ts';
export type { RetryOptions } from './retry.ts';
export type { EventIterator } from './source-iterator.ts';
