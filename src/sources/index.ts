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
export { websocketEvents } from './websocket-events.ts';
export type { WebSocketData, WebSocketEventsOptions } from './websocket-options.ts';
export { eventStream } from './event-stream.ts';
export type { DeviceEvent, EventStreamItem, EventStreamOptions } from './event-stream.ts';
export { serviceAccount } from './service-account.ts';
export type { ServiceAccountCredentials } from './credentials.ts';
export type { ServiceAccount, ServiceAccountOptions } from './service-account.ts';
