/** The messages between a stream and its streamer: types only, read by both ends. @module */

import type { ErrorCode } from '../../../base/errors.ts';
import type { StreamMode } from '../mode.ts';

export type Direction = 'read' | 'write';

/** The origin of a position: 0, the first byte, the end, or the next byte that would be read or written. */
export type Origin = 'absolute' | 'start' | 'end' | 'current';

/** How reading goes on at the end of the data: it ends there, or waits for more. */
export type EndOfStream = 'current' | 'follow';

/** An error that crosses. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;

  /** The value that the source has thrown. */
  readonly cause?: unknown;
}

/**
 * From the stream. Reading or writing from one position on is a context, numbered by the stream; what belongs to an
 * older one is dropped. `open` asks for a new one, `room` is how many bytes may be read in it at first, `limit` up to
 * which position. `open`, `flush` and `truncate` are answered, and there is one of them at a time.
 */
export type ToStreamer =
  | {
      readonly kind: 'open';
      readonly context: number;
      readonly direction: Direction;
      readonly position: number;
      readonly from: Exclude<Origin, 'current'>;

      /** The position of the stream, from which a seek goes forward or backward. */
      readonly at: number;
      readonly room: number;
      readonly follows: boolean;
    }
  | { readonly kind: 'limit'; readonly context: number; readonly limit: number }
  | { readonly kind: 'data'; readonly context: number; readonly bytes: Uint8Array }
  | { readonly kind: 'flush'; readonly context: number }
  | { readonly kind: 'truncate'; readonly context: number; readonly side: 'before' | 'after' }
  | { readonly kind: 'close' };

/**
 * To the stream. `opened` and `refused` answer `open`; after `refused` the older context goes on. `done` answers `flush`
 * and `truncate`. `held` are bytes that could not be read before the limit was raised. `broken` ends a context, `failed` the stream.
 */
export type ToStream =
  | { readonly kind: 'connected'; readonly mode: StreamMode; readonly position: number }
  | { readonly kind: 'opened'; readonly context: number; readonly position: number; readonly limit: number }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'data'; readonly context: number; readonly bytes: Uint8Array; readonly held?: boolean }
  | { readonly kind: 'end'; readonly context: number }
  | { readonly kind: 'limit'; readonly context: number; readonly limit: number }
  | { readonly kind: 'done'; readonly problem: Problem | undefined }
  | { readonly kind: 'broken'; readonly context: number; readonly problem: Problem }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly problem: Problem };
