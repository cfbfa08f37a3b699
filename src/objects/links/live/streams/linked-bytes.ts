/** A handle of a source of bytes that is on the other side. @module */

import type { MessagePort } from 'node:worker_threads';
import { ByteStreamer } from '../../../bytes/byte-streamer.ts';
import type { HandleRequest, StreamHost } from '../../../bytes/host.ts';
import { ChunkMemory } from '../../../bytes/wire/chunk-memory.ts';
import type { Duplex, DuplexListener } from '../../../bytes/wire/duplex.ts';
import type { ToStream, ToStreamer } from '../../../bytes/wire/messages.ts';
import { PortDuplex } from '../../../bytes/wire/port-duplex.ts';
import { remoteOf, standsFor, usualHeadroom } from '../remote.ts';
import type { Remote } from '../remote.ts';
import { checkedMode, checkedToStream, malformed } from './checked-messages.ts';
import { LiveFunction } from './live-function.ts';

/** The handle of what `remote` stands for. */
export function linkedStreamer(remote: Remote, mode: unknown): ByteStreamer {
  return standsFor(new ByteStreamer(new LinkedHost(remote), checkedMode(mode)), remote);
}

class LinkedHost implements StreamHost {
  readonly #remote: Remote;

  constructor(remote: Remote) {
    this.#remote = remote;
  }

  connect(): Duplex<ToStreamer, ToStream> {
    return new LinkedDuplex(this.#remote);
  }

  /** Serves a handle in a thread. */
  share(port: MessagePort): void {
    port.on('message', (request: HandleRequest) => {
      if (request.kind === 'share') this.share(request.port);
      else if (request.kind === 'connect') join(this.connect(), new PortDuplex(request.port));
      else this.close();
    });
    port.unref();
  }

  close(): void {
    this.#remote.notify('close', []);
  }

  release(): void {
    void this.#remote.release();
  }
}

/** Passes on what arrives at either of two ends. */
function join(near: Duplex<ToStreamer, ToStream>, far: Duplex<ToStream, ToStreamer>): void {
  near.listen({
    // The memory of bytes moves to the thread, and may be that of other messages too.
    receive: (message) => far.post(copied(message, far.memory)),
    lost: () => far.close(),
  });
  far.listen({ receive: (message) => near.post(copied(message, near.memory)), lost: () => near.close() });
}

function copied<M extends ToStream | ToStreamer>(message: M, memory: ChunkMemory): M {
  return message.kind === 'data' ? { ...message, bytes: memory.copy(message.bytes) } : message;
}

/**
 * Invariant: no more bytes are taken from the other side than were asked for.
 */
class LinkedDuplex implements Duplex<ToStreamer, ToStream> {
  readonly memory: ChunkMemory = new ChunkMemory({ headroom: usualHeadroom, isReused: true });

  /** What arrives may be a part of anything. */
  readonly headroom = 0;
  readonly #receiver: LiveFunction;
  #listener: DuplexListener<ToStream> | undefined;
  #remote: Remote | undefined;

  /** What was posted before the other side has answered. */
  #early: ToStreamer[] = [];
  #opening: Extract<ToStreamer, { kind: 'open' }> | undefined;
  #at = 0;
  #granted = 0;
  #isOver = false;

  constructor(source: Remote) {
    this.#receiver = new LiveFunction(
      (message) => this.#receive(message),
      () => this.#lose(undefined),
    );
    source.call('connect', [this.#receiver]).then(
      (send) => this.#connected(send),
      (error: unknown) => this.#lose(error),
    );
  }

  #connected(send: unknown): void {
    const remote = typeof send === 'function' ? remoteOf(send) : undefined;
    if (!remote) return this.#lose(malformed());
    this.#remote = remote;
    for (const message of this.#early.splice(0)) remote.notify('', [message]);
    if (!this.#isOver) return;
    remote.notify('', []);
    void remote.release();
  }

  post(message: ToStreamer): void {
    if (this.#isOver) return;
    if (message.kind === 'open') this.#opening = message;
    else if (message.kind === 'limit') this.#granted = Math.max(this.#granted, message.limit);
    if (!this.#remote) this.#early.push(message);
    else if (message.kind === 'data') this.#sendBytes(this.#remote, message);
    else this.#remote.notify('', [message]);
  }

  #sendBytes(remote: Remote, { context, bytes }: Extract<ToStreamer, { kind: 'data' }>): void {
    const { memory } = this;
    remote.sendBytes(context, { bytes, headroom: memory.headroom, sent: () => memory.giveBack(bytes) });
  }

  listen(listener: DuplexListener<ToStream>): void {
    this.#listener = listener;
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#remote?.notify('', []);
    void this.#remote?.release();
  }

  #receive(given: unknown): void {
    if (this.#isOver) return;
    if (given === undefined) return this.#lose(undefined);
    try {
      const message = checkedToStream(given);
      this.#follow(message);
      this.#listener?.receive(message);
    } catch (error) {
      this.#lose(error);
    }
  }

  /** @throws {OffloopError} if the other side does what was not asked for. */
  #follow(message: ToStream): void {
    if (message.kind === 'opened') {
      const asked = this.#opening;
      if (asked?.context !== message.context) throw malformed();
      this.#opening = undefined;
      this.#at = message.position;
      this.#granted = message.position + (asked.direction === 'read' ? asked.room : 0);
    } else if (message.kind === 'data') {
      this.#at += message.bytes.length;
      if (this.#at > this.#granted) throw malformed();
    }
  }

  #lose(cause: unknown): void {
    if (this.#isOver) return;
    this.close();
    this.#listener?.lost(cause);
  }
}
