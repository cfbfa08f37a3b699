/** The thread's end of a handle: a source that waits for its stream. @module */

import type { MessagePort } from 'node:worker_threads';
import { OffloopError } from '../../base/errors.ts';
import type { OpenableSource } from './source/source.ts';
import { Streamer } from './streamer/streamer.ts';
import type { ChunkMemory } from './wire/chunk-memory.ts';
import type { Duplex } from './wire/duplex.ts';
import { localPair } from './wire/local-pair.ts';
import type { ToStream, ToStreamer } from './wire/messages.ts';
import { PortDuplex } from './wire/port-duplex.ts';
import { problemOf } from './wire/problem.ts';

/** The streamer that a handle stands for, in this thread or in another. */
export interface StreamHost {
  /** Gives the end of a new connection to the source; `memory` is for its chunks, if they stay in this thread. */
  connect(memory?: ChunkMemory): Duplex<ToStreamer, ToStream>;

  /** Serves a handle in another thread, which has the other port. */
  share(port: MessagePort): void;
  close(): void;

  /** Called when nobody has the handle any more. */
  release(): void;
}

/** The request of a handle in another thread; `port` is the end of a connection, or of another handle. */
export type HandleRequest =
  | { readonly kind: 'connect'; readonly port: MessagePort; readonly headroom: number }
  | { readonly kind: 'share'; readonly port: MessagePort }
  | { readonly kind: 'close' };

export class Host implements StreamHost {
  readonly #source: OpenableSource;
  readonly #window: number;
  #streamer: Streamer | undefined;
  #isClosed = false;

  constructor(source: OpenableSource, window: number) {
    this.#source = source;
    this.#window = window;
  }

  connect(memory?: ChunkMemory): Duplex<ToStreamer, ToStream> {
    const [near, far] = localPair<ToStreamer, ToStream>(memory);
    this.#serve(far);
    return near;
  }

  share(port: MessagePort): void {
    port.on('message', (request: HandleRequest) => {
      if (request.kind === 'connect') this.#serve(new PortDuplex(request.port, { posted: request.headroom }));
      else if (request.kind === 'share') this.share(request.port);
      else this.close();
    });
    port.unref();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#streamer?.fail(new OffloopError('ERR_OFFLOOP_CLOSED', 'The byte stream has failed: its streamer was closed'));
  }

  release(): void {
    // Handles in other threads may be left.
  }

  #serve(duplex: Duplex<ToStream, ToStreamer>): void {
    if (!this.#isClosed && !this.#streamer) {
      this.#streamer = new Streamer(this.#source, duplex, this.#window);
      return;
    }
    const error = this.#isClosed
      ? new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot connect to the byte stream: its streamer was closed')
      : new OffloopError('ERR_OFFLOOP_BUSY', 'Cannot connect to the byte stream: it has been connected before');
    duplex.listen({ receive: () => undefined, lost: () => undefined });
    duplex.post({ kind: 'failed', problem: problemOf(error) });
  }
}
