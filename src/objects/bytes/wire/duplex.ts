/** The line between a stream and its streamer. @module */

import type { ChunkMemory } from './chunk-memory.ts';

/** Receives what arrives at an end. */
export interface DuplexListener<In> {
  receive(message: In): void;

  /** Called once if the other end is gone, or a message could not be read; not after `close`. */
  lost(cause: unknown): void;
}

/**
 * One end of a connection: each message arrives once at the other end, in order, and never within the call that posted
 * it. The bytes of a posted message belong to the connection. An end by itself does not keep the process alive.
 */
export interface Duplex<Out, In> {
  /** Where the bytes of messages that are posted here have to be. */
  readonly memory: ChunkMemory;

  /** How many bytes in front of those of a message that arrives belong to that message too. */
  readonly headroom: number;
  post(message: Out): void;
  listen(listener: DuplexListener<In>): void;

  /** Closes both ends; the other one gets what was posted before, and is then told that this one is lost. */
  close(): void;
}
