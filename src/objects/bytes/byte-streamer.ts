/** The handle of a source: what a function returns, and what `connect` makes a stream of. @module */

import { inspect } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { FinalizationRegistry } from '../../base/intrinsics.ts';
import { move } from '../../codec/memory/move.ts';
import { bindToProcess, fromThread, sendableFrom, toThread } from '../../codec/sendable.ts';
import { ByteStream } from './byte-stream.ts';
import { connectOptions } from './connect-options.ts';
import type { ConnectOptions } from './connect-options.ts';
import { Host } from './host.ts';
import type { StreamHost } from './host.ts';
import type { StreamMode } from './mode.ts';
import { StreamPeer } from './peer/stream-peer.ts';
import { limitsOf } from './peer/waiters.ts';
import { RemoteHost } from './remote-host.ts';
import type { OpenableSource } from './source/source.ts';
import { assertFollows } from './stream-options.ts';

/** The data that is sent in place of a handle. */
interface HandleForm {
  readonly mode: StreamMode;
  readonly port: MessagePort;
}

/** The host of a handle, for a connection that carries streams itself. */
export let hostBehind: (streamer: ByteStreamer) => StreamHost;

const dropped = new FinalizationRegistry<StreamHost>((host) => host.release());

/**
 * A source of bytes that waits for one stream: hand it over in arguments, results and items, and {@link connect} it where
 * the stream is needed. The source stays in the thread that has made the handle, and lives as long as that thread.
 *
 * A file is opened when the stream is connected. A handle that nobody connects holds nothing.
 */
export class ByteStreamer {
  /** The rights of a stream over the source. */
  readonly mode: StreamMode;

  /** As an own function, it makes structured clone refuse the handle where it stands too deep to be seen. */
  readonly toJSON: () => string = () => inspect(this);
  readonly #host: StreamHost;

  constructor(host: StreamHost, mode: StreamMode) {
    this.#host = host;
    this.mode = mode;
    dropped.register(this, host, this);
  }

  static {
    hostBehind = (streamer) => streamer.#host;
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: ByteStreamer) {
        const { readable, writable } = this.mode;
        return `ByteStreamer ${inspect({ readable, writable })}`;
      },
    });
    Object.defineProperty(this.prototype, toThread, {
      value(this: ByteStreamer): HandleForm {
        const { port1, port2 } = new MessageChannel();
        this.#host.share(port1);
        return { mode: this.mode, port: move(port2) };
      },
    });
  }

  /**
   * Connects a stream; a source takes one, once. If connecting fails or is given up, the source is closed.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BUSY` if another stream is connected, or was.
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the handle was closed.
   * @throws {OffloopError} `ERR_OFFLOOP_STREAM_FAILED` if the source cannot be opened; its error is the `cause`.
   * @throws {OffloopError} `ERR_OFFLOOP_DISCONNECTED` if the thread of the source has ended.
   * @throws {OffloopError} `ERR_OFFLOOP_MODE` for `endOfStream: 'follow'` if the mode says that the data never grow.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value.
   * @throws `signal.reason` if `signal` is aborted.
   */
  async connect(options?: ConnectOptions): Promise<ByteStream> {
    const { peer: peerOptions, wait } = connectOptions(options);
    const limits = limitsOf('connect', wait);
    assertFollows(peerOptions.endOfStream, this.mode);
    const peer = new StreamPeer(this.#host.connect(), peerOptions);
    try {
      await peer.untilStatus(peer.connected, limits, 'the byte stream to be connected');
    } catch (error) {
      peer.giveUp();
      throw error;
    }
    return new ByteStream(peer);
  }

  /** Gives the source up: it can no longer be connected, and a stream that is connected fails with `ERR_OFFLOOP_CLOSED`. */
  close(): void {
    this.#host.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

Object.defineProperty(ByteStreamer, fromThread, {
  value: ({ mode, port }: HandleForm) => new ByteStreamer(new RemoteHost(port), mode),
});

// A thread that is handed a streamer need not have imported anything of byte streams.
sendableFrom(import.meta.url, ByteStreamer, 'offloop.ByteStreamer');
bindToProcess(ByteStreamer);

/** A handle of a source in this thread. */
export function hostOf(source: OpenableSource, window: number): ByteStreamer {
  return new ByteStreamer(new Host(source, window), source.mode);
}
