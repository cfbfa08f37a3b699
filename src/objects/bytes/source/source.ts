/** A source that a byte stream reads from and writes to. @module */

import type { StreamMode } from '../mode.ts';

/**
 * A source that the program defines: bytes at positions from 0. All methods may return promises. They are called one at a
 * time, with one exception: `close`, and methods after a seek, may be called while a `read` is pending whose result is
 * no longer wanted.
 *
 * An error that a method throws ends the stream: all calls reject with `ERR_OFFLOOP_STREAM_FAILED`, whose `cause` is the thrown
 * value. The methods that a source has decide what its streams may do; `mode` can change that.
 */
export interface ByteSource {
  /** Called once, when a stream is connected. */
  open?(): unknown;

  /** Gives 1 to `length` bytes at `position`; none or `undefined` at the end. They are copied, so the array may be reused. */
  read?(position: number, length: number): Uint8Array | undefined | void | PromiseLike<Uint8Array | undefined | void>;

  /** Writes all of `bytes` at `position`, over what is there. The array belongs to the source from then on. */
  write?(position: number, bytes: Uint8Array): unknown;

  /** The position of the end. Without this method the source has no end that positions are compared with. */
  length?(): number | PromiseLike<number>;

  /** The position of the first byte. @defaultValue `0` */
  start?(): number | PromiseLike<number>;

  /** Drops the bytes before `position`. */
  truncateBefore?(position: number): unknown;

  /** Drops the bytes from `position` on. */
  truncateAfter?(position: number): unknown;

  /** Called by `flush`, once all bytes before it were written. */
  flush?(): unknown;

  /**
   * Calls `changed` whenever the end may have moved, until the function that it returns is called. Without this method, a
   * stream that follows the end reads again every 100 milliseconds.
   */
  watch?(changed: () => void): () => void;

  /** Called once, when the stream is over, for whatever reason. Not called if `open` has thrown. */
  close?(): unknown;

  /** Flags that differ from what the methods say: a source that cannot seek has `{ seekForward: false, seekBackward: false }`. */
  readonly mode?: Partial<StreamMode> | undefined;
}

/** A source with what a stream may do with it. */
export interface OpenableSource {
  readonly source: ByteSource;
  readonly mode: StreamMode;

  /** The flags that the user of the source may turn on or off; all others are as `mode` has them. */
  readonly optional: ReadonlySet<keyof StreamMode>;

  /** In place of `read`, for a source that can read into memory it is given: gives how many bytes it has read. */
  readonly readInto?: (position: number, memory: Buffer) => Promise<number>;

  /** Whether writes go to the end, wherever that is. */
  readonly appends: boolean;
}
