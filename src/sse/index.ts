/** Live pages out. @module */

export { sseBroadcast } from './broadcast.ts';
export type { BroadcastOptions, SseBroadcast } from './broadcast.ts';
export { pipeSse } from './pipe.ts';
export type { NodeResponse } from './pipe.ts';
export { ndjsonResponse, sseResponse } from './response.ts';
export type { NdjsonOptions } from './response.ts';
export type {
  ClientContext,
  ClientOptions,
  FrameOptions,
  Items,
  PipeSseOptions,
  RequestLike,
  SseOptions,
  SseSource,
} from './sse-options.ts';
