/** A connection between threads. @module */

import type { MessagePort } from 'node:worker_threads';
import { packThrown, unpackThrown } from '../../../codec/errors/codec.ts';
import type { PackedThrown } from '../../../codec/errors/codec.ts';
import { ChunkMemory } from './chunk-memory.ts';
import type { Duplex, DuplexListener } from './duplex.ts';
import type { Problem, ToStream, ToStreamer } from './messages.ts';

/** The bytes in front of the chunks of each end. */
export interface PortHeadrooms {
  readonly posted?: number;
  readonly received?: number;
}

/** An end over a `MessagePort`: bytes move, they are not copied. The port's end is the end of the thread, too. */
export class PortDuplex<Out extends ToStream | ToStreamer, In extends ToStream | ToStreamer> implements Duplex<
  Out,
  In
> {
  readonly #port: MessagePort;
  #isClosed = false;
  readonly memory: ChunkMemory;
  readonly headroom: number;

  constructor(port: MessagePort, { posted = 0, received = 0 }: PortHeadrooms = {}) {
    this.#port = port;
    this.memory = new ChunkMemory({ headroom: posted });
    this.headroom = received;
  }

  post(message: Out): void {
    if (message.kind === 'data') this.#port.postMessage(message, [message.bytes.buffer as ArrayBuffer]);
    else this.#port.postMessage('problem' in message ? packed(message) : message);
  }

  listen(listener: DuplexListener<In>): void {
    const lost = (cause: unknown): void => {
      if (this.#isClosed) return;
      this.close();
      listener.lost(cause);
    };
    this.#port.on('message', (message: In) => {
      if (!this.#isClosed) listener.receive('problem' in message ? (unpacked(message) as In) : message);
    });
    this.#port.on('messageerror', lost);
    this.#port.on('close', () => lost(undefined));
    this.#port.unref();
  }

  close(): void {
    this.#isClosed = true;
    this.#port.close();
  }
}

/** A source may throw anything, so its error crosses as thrown values do. */
function packed<T extends { readonly problem?: Problem | undefined }>(message: T): T {
  const { problem } = message;
  return problem && 'cause' in problem
    ? { ...message, problem: { ...problem, cause: packThrown(problem.cause) } }
    : message;
}

function unpacked<T extends { readonly problem?: Problem | undefined }>(message: T): T {
  const { problem } = message;
  if (!problem || !('cause' in problem)) return message;
  return { ...message, problem: { ...problem, cause: unpackThrown(problem.cause as PackedThrown, {}) } };
}
