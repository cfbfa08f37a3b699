/** The side of a linked byte stream that has the source. @module */

import { OffloopError } from '../../../../base/errors.ts';
import type { StreamHost } from '../../../bytes/host.ts';
import { ChunkMemory } from '../../../bytes/wire/chunk-memory.ts';
import type { Duplex } from '../../../bytes/wire/duplex.ts';
import type { ToStream, ToStreamer } from '../../../bytes/wire/messages.ts';
import type { Gate } from '../gate.ts';
import { remoteOf, usualHeadroom } from '../remote.ts';
import type { Remote } from '../remote.ts';
import { checkedToStreamer, malformed } from './checked-messages.ts';
import type { Flow } from './flow.ts';
import { LiveFunction } from './live-function.ts';

/** How many bytes are read ahead of what the connection takes. */
const window = 1024 * 1024;

/** How many requests may wait for their answers; a stream makes one at a time. */
const mostAsked = 64;

/** Lets a stream be connected: it gives a function for messages to it, and gets one for those to the source. */
export function byteGate(host: StreamHost, flow: Flow): Gate {
  return {
    call(name, [receive]) {
      const remote = typeof receive === 'function' ? remoteOf(receive) : undefined;
      if (name === 'connect' && remote) return new LinkedSource(host, remote, flow).receiver;
      if (name === 'close') return host.close();
      throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', 'Cannot reach a member of a byte stream of a peer');
    },
    read: () => {
      throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', 'Cannot read a member of a byte stream of a peer');
    },
  };
}

/**
 * Passes messages on, and holds the other side to what it may do.
 *
 * Invariant: the source is let read at most `window` bytes beyond what was sent, and not while the connection is slow.
 */
class LinkedSource {
  /** Is sent to the other side, which calls it with each message, and with none at the end. */
  readonly receiver: LiveFunction;
  readonly #memory = new ChunkMemory({ headroom: usualHeadroom, isReused: true });
  readonly #duplex: Duplex<ToStreamer, ToStream>;
  readonly #remote: Remote;
  readonly #flow: Flow;
  #asked = 0;
  #context = 0;

  /** The next byte that is sent or received, and the position up to which it may go. */
  #at = 0;
  #granted = 0;

  /** Up to where the other side would let the source read. */
  #wanted = 0;

  /** Whether what is sent next could not be sent before the other side has raised that. */
  #isHeld = false;
  #isWaiting = false;
  #isOver = false;

  constructor(host: StreamHost, remote: Remote, flow: Flow) {
    const duplex = host.connect(this.#memory);
    this.#duplex = duplex;
    this.#remote = remote;
    this.#flow = flow;
    this.receiver = new LiveFunction(
      (message) => this.#receive(message),
      () => this.#end(),
    );
    duplex.listen({
      receive: (message) => this.#send(message),
      lost: () => {
        this.#isOver = true;
        remote.notify('', []);
        void remote.release();
      },
    });
  }

  #receive(given: unknown): void {
    if (this.#isOver) return;
    if (given === undefined) return this.#end();
    const message = checkedToStreamer(given);
    if (message.kind === 'limit') {
      if (message.context !== this.#context) return;
      if (this.#at >= this.#wanted) this.#isHeld = true;
      this.#wanted = Math.max(this.#wanted, message.limit);
      return this.#grant();
    }
    if (message.kind === 'data') {
      // What belongs to an older context is dropped.
      if (message.context !== this.#context) return;
      this.#at += message.bytes.length;
      if (this.#at > this.#granted) return this.#cut();
    } else if (message.kind !== 'close') {
      this.#asked += 1;
      if (this.#asked > mostAsked) return this.#cut();
    }
    this.#duplex.post(message.kind === 'open' ? { ...message, room: Math.min(message.room, window) } : message);
  }

  #send(message: ToStream): void {
    if (this.#isOver) return;
    const { kind } = message;
    if (kind === 'opened' || kind === 'refused' || kind === 'done') this.#asked -= 1;
    if (kind === 'opened') {
      this.#context = message.context;
      this.#isHeld = false;
      this.#at = message.position;
      this.#wanted = this.#granted = message.limit;
    } else if (kind === 'limit') {
      this.#granted = message.limit;
    }
    if (kind === 'data') return this.#sendBytes(message);
    try {
      this.#remote.notify('', [message]);
    } catch {
      // The value that the source has thrown cannot cross.
      const { problem } = message as Extract<ToStream, { kind: 'failed' }>;
      this.#remote.notify('', [{ kind, problem: { code: problem.code, message: problem.message } }]);
    }
  }

  #sendBytes({ context, bytes }: Extract<ToStream, { kind: 'data' }>): void {
    const { length } = bytes;
    // The bytes may be moved, and then have no length.
    this.#remote.sendBytes(context, {
      bytes,
      headroom: this.#duplex.headroom,
      held: this.#isHeld,
      sent: () => this.#memory.giveBack(bytes),
    });
    this.#isHeld = false;
    this.#at += length;
    this.#grant();
  }

  /** Lets the source read on. */
  #grant(): void {
    if (this.#wanted <= this.#granted || this.#isOver) return;
    if (this.#flow.isSlow) {
      if (this.#isWaiting) return;
      this.#isWaiting = true;
      return this.#flow.whenDrained(() => {
        this.#isWaiting = false;
        this.#grant();
      });
    }
    const limit = Math.min(this.#wanted, this.#at + window);
    // By halves: the source need not be told for each chunk.
    if (limit <= this.#granted || (limit - this.#granted < window / 2 && this.#at < this.#granted)) return;
    this.#granted = limit;
    this.#duplex.post({ kind: 'limit', context: this.#context, limit });
  }

  /** The other side does not keep to what it may do. */
  #cut(): void {
    this.#remote.notify('', []);
    this.#end();
    throw malformed();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#duplex.close();
    void this.#remote.release();
  }
}
