/** The stream that a program reads, writes and seeks. @module */

import type { Readable, Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { inspect } from 'node:util';
import { argumentError } from '../../base/errors.ts';
import { ownOptions } from '../../base/options.ts';
import type { WaitOptions } from '../../wait/wait-options.ts';
import { endOfStreamCheck, readaheadCheck, readaheadOf } from './connect-options.ts';
import { nodeReadable, nodeWritable, readableStream, writableStream } from './convert.ts';
import type { StreamMode } from './mode.ts';
import type { StreamObserver } from './peer/observers.ts';
import { mostInMessage, StreamCalls } from './peer/stream-calls.ts';
import type { StreamStatus } from './peer/status.ts';
import type { StreamPeer } from './peer/stream-peer.ts';
import { limitsOf } from './peer/waiters.ts';
import { assertFollows, bytesCheck, checked, checkedBytes, chunksChecks } from './stream-options.ts';
import { lengthCheck, seekChecks, statusCheck } from './stream-options.ts';
import type { ChunksOptions, SeekOptions } from './stream-options.ts';
import type { Direction, EndOfStream } from './wire/messages.ts';

/**
 * The end of a byte stream that reads and writes. It is made by `connect` of a streamer, whose source may be in another
 * thread.
 *
 * - Calls take effect in the order in which they were made, also if they are not awaited: you read your own writes.
 * - It reads or writes, one direction at a time. A call for the other direction goes on at {@link position}: the first byte
 *   that was not taken, or the one after the last that was written, however far was read ahead.
 * - A seek drops what was read ahead. A seek that is refused leaves the stream where it was.
 * - If bytes under the position are truncated, or a write is refused, calls reject with the error until a seek succeeds.
 *   Bytes that were read before are given first.
 * - A failure is final: if the source throws, or the other end is lost, all calls reject from then on.
 * - An error of bytes that were sent already is reported by the next call: `flush()` to know.
 * - Each call takes `{ timeout, signal }`; one that is given up loses no bytes. A pending call keeps the process alive.
 * - A stream that is garbage-collected is closed. It does not cross threads as what it is: in arguments it is an iterable
 *   of its chunks, for `for await` there, or `syncIterate` in blocking code.
 *
 * All methods but `close`, `waitStatus` and `observe` reject with `ERR_OFFLOOP_CLOSED` once the stream is closed, with
 * `ERR_OFFLOOP_STREAM_FAILED` if the source has thrown, with `ERR_OFFLOOP_DISCONNECTED` if the other end is gone, with
 * `ERR_OFFLOOP_TIMEOUT` after `timeout`, and with `signal.reason`; `ERR_OFFLOOP_ARGUMENT` is for wrong arguments.
 *
 * @example
 * ```ts
 * await using stream = await byteStream('notes.txt', { mode: 'r+' }).connect();
 * await stream.wseek(0);
 * await stream.write(Buffer.from('This is an important message'));
 * await stream.rseek(0);
 * console.log(String(await stream.read()));
 * ```
 */
export class ByteStream implements AsyncDisposable, AsyncIterable<Buffer> {
  readonly #peer: StreamPeer;
  readonly #calls: StreamCalls;

  constructor(peer: StreamPeer) {
    this.#peer = peer;
    this.#calls = new StreamCalls(peer);
  }

  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: ByteStream) {
        const { status, readable, writable } = { ...this.mode, status: this.status };
        return `ByteStream ${inspect({ status, readable, writable })}`;
      },
    });
  }

  /** The rights of the stream. */
  get mode(): StreamMode {
    return this.#peer.mode;
  }

  /** `'active'`; `'closing'` after `close()`; `'closed'` once the source is closed; or `'failed'`. */
  get status(): StreamStatus {
    // No stream is given away before it is connected.
    return this.#peer.status as StreamStatus;
  }

  /**
   * Gives 1 to `most` bytes, as soon as there are any; none at the end of the data. The bytes belong to the caller.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_MODE` if the stream cannot read.
   * @throws {OffloopError} `ERR_OFFLOOP_POSITION` if the source was truncated below the position; a seek goes on.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT`: with `timeout: 0`, if no bytes were read ahead.
   */
  async recv(most: number = mostInMessage, options?: WaitOptions): Promise<Buffer> {
    checked('recv', bytesCheck, most);
    return this.#calls.recv(most, limitsOf('recv', options));
  }

  /**
   * Gives `length` bytes, or fewer at the end of the data; without `length`, all up to the end, which needs
   * `endOfStream: 'current'`. If it is given up, the bytes that were there stay to be read.
   *
   * @throws As {@link recv}.
   */
  async read(length: number = Infinity, options?: WaitOptions): Promise<Buffer> {
    checked('read', lengthCheck, length);
    return this.#calls.read(length, limitsOf('read', options));
  }

  /**
   * Sends the first 1 to all of `bytes`, as soon as there is room, and gives how many; 0 if there are none. They are copied.
   * Bytes that were sent need not be written yet: see {@link flush}.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_MODE` if the stream cannot write.
   * @throws {OffloopError} `ERR_OFFLOOP_POSITION` if bytes that were sent before would have moved an end that may not move;
   *   none of that chunk were written.
   */
  async send(bytes: Uint8Array, options?: WaitOptions): Promise<number> {
    checkedBytes('send', bytes);
    return this.#calls.send(bytes, limitsOf('send', options));
  }

  /**
   * Sends all of `bytes`; leave them unchanged until it resolves. If it is given up, some may have been sent:
   * {@link position} tells.
   *
   * @throws As {@link send}.
   */
  async write(bytes: Uint8Array, options?: WaitOptions): Promise<void> {
    checkedBytes('write', bytes);
    await this.#calls.write(bytes, limitsOf('write', options));
  }

  /**
   * Resolves once the source has written all that was sent; rejects with the error if it could not.
   *
   * @throws As {@link send}.
   */
  async flush(options?: WaitOptions): Promise<void> {
    await this.#calls.flush(limitsOf('flush', options));
  }

  /**
   * Reads from `offset` on.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_MODE` if the stream cannot read, or not seek in that direction.
   * @throws {OffloopError} `ERR_OFFLOOP_POSITION` if the source has no such position. After either, the stream is where it
   *   was.
   */
  async rseek(offset: number, options: SeekOptions = {}): Promise<void> {
    await this.#seek('rseek', offset, options, 'read');
  }

  /**
   * Writes from `offset` on.
   *
   * @throws As {@link rseek}.
   */
  async wseek(offset: number, options: SeekOptions = {}): Promise<void> {
    await this.#seek('wseek', offset, options, 'write');
  }

  /**
   * Goes to `offset`, and keeps the direction; a stream that has none yet reads, if it can.
   *
   * @throws As {@link rseek}.
   */
  async seek(offset: number, options: SeekOptions = {}): Promise<void> {
    await this.#seek('seek', offset, options, undefined);
  }

  /** The position of the next byte that would be read or written, after the calls before. */
  async position(options?: WaitOptions): Promise<number> {
    return this.#calls.position(limitsOf('position', options));
  }

  /**
   * Drops the bytes before the position, after which the data begin there. The stream has to be writing: see {@link wseek}.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_MODE` if it is not, or the start may not move; nothing has changed then.
   */
  async truncateBefore(options?: WaitOptions): Promise<void> {
    await this.#calls.truncate('before', limitsOf('truncateBefore', options));
  }

  /**
   * Drops the bytes from the position on, which is the end then. The stream has to be writing: see {@link wseek}.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_MODE` if it is not, or the end may not move; nothing has changed then.
   */
  async truncateAfter(options?: WaitOptions): Promise<void> {
    await this.#calls.truncate('after', limitsOf('truncateAfter', options));
  }

  /**
   * Sets what happens at the end of the data for reading that begins from now on: by a seek, or after writing.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_MODE` for `'follow'` if the mode says that the data never grow: it would wait for ever.
   */
  setEndOfStream(endOfStream: EndOfStream): void {
    checked('setEndOfStream', endOfStreamCheck, endOfStream);
    assertFollows(endOfStream, this.mode);
    this.#peer.endOfStream = endOfStream;
  }

  /** Reads ahead from now on: by so many bytes, or as `connect` does unless it is told otherwise. */
  enableReadahead(bytes: number | true = true): void {
    checked('enableReadahead', readaheadCheck, bytes);
    Object.assign(this.#peer, readaheadOf(bytes));
    this.#calls.readAhead();
  }

  /** Reads no further ahead; bytes that were read stay to be taken. */
  disableReadahead(): void {
    this.#peer.readahead = 0;
    this.#peer.mostReadahead = 0;
  }

  /**
   * Resolves with `true` once the stream is in one of the states, with `false` after `timeout`, or once it can no longer get
   * there. The states come in this order, without the way back: `'active'`, `'closing'`, `'closed'`; `'failed'` is an end
   * as well.
   *
   * @throws `signal.reason`.
   */
  async waitStatus(status: StreamStatus | readonly StreamStatus[], options?: WaitOptions): Promise<boolean> {
    const wanted = typeof status === 'string' ? [status] : status;
    for (const it of wanted) checked('waitStatus', statusCheck, it);
    return this.#calls.waitStatus(wanted, limitsOf('waitStatus', options));
  }

  /**
   * Calls the functions of `observer` when things change: `canRecv` when there are bytes or the end where there was nothing to
   * read, `canSend` when there is room where there was none, `contextError`, `failed`, `closed`. Gives the function that
   * ends it. What an observer throws is an unhandled rejection, and does not disturb the stream.
   */
  observe(observer: StreamObserver): () => void {
    return this.#peer.observers.add(observer);
  }

  /** Iterates over the bytes up to the end, in chunks as they come. */
  async *chunks(options: ChunksOptions = {}): AsyncGenerator<Buffer, undefined> {
    const { size = mostInMessage, close = true } = ownOptions('chunks', options, chunksChecks);
    try {
      for (;;) {
        const bytes = await this.recv(size);
        if (bytes.length === 0) return undefined;
        yield bytes;
      }
    } finally {
      if (close) await this.close();
    }
  }

  /** As {@link chunks}: the stream is closed when the iteration ends or is left. */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined> {
    return this.chunks();
  }

  /** A web stream that reads from here on; the stream is closed when it ends, is cancelled or fails. */
  readableStream(): ReadableStream<Uint8Array> {
    return readableStream(this);
  }

  /** A web stream that writes from here on; closing it flushes and closes the stream, aborting it closes the stream. */
  writableStream(): WritableStream<Uint8Array> {
    return writableStream(this);
  }

  /** A Node.js stream that reads from here on; the stream is closed when it ends or is destroyed. */
  nodeReadable(): Readable {
    return nodeReadable(this);
  }

  /** A Node.js stream that writes from here on; its end flushes and closes the stream, destroying it closes the stream. */
  nodeWritable(): Writable {
    return nodeWritable(this);
  }

  /**
   * Closes the stream and its source. Calls that wait reject with `ERR_OFFLOOP_CLOSED`; what was sent is written first. Does
   * nothing more if it was closed before.
   *
   * @throws {OffloopError} the error of an earlier write, or of the source, that no call has reported.
   */
  async close(options?: WaitOptions): Promise<void> {
    await this.#calls.close(limitsOf('close', options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #seek(of: string, offset: number, options: SeekOptions, direction: Direction | undefined): Promise<void> {
    if (!Number.isSafeInteger(offset))
      throw argumentError(`Cannot ${of}: expected a whole number of bytes, received ${inspect(offset)}`);
    const { from = 'absolute', timeout, signal } = ownOptions(of, options, seekChecks);
    await this.#calls.seek({ of, offset, from, direction }, limitsOf(of, { timeout, signal }));
  }
}
