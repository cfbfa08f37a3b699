/** The connection that a link stands on. @module */

/** Told of what a connection does. It is never called before `listen` has returned, nor after `close`. */
export interface CarrierListener {
  receive(frame: Uint8Array): void;

  /** Called when what was sent has left, at least in part. */
  drained(): void;

  /** Called once, if the other side is gone or has sent what is no frame. */
  lost(cause: unknown): void;
}

/** One end of a connection: each frame arrives once, in order. */
export interface Carrier {
  /** How many bytes were sent and have not left. */
  readonly buffered: number;

  /** Whether frames may have come before anybody listened, and be lost. */
  readonly mayHaveMissed: boolean;

  /**
   * Sends a frame, which belongs to the carrier from then on. Does nothing once the connection is over. `sent` is called when
   * its memory may be used again; never, if the carrier cannot know that. `buffered` is what the sender has just read there,
   * if it has.
   */
  send(frame: Uint8Array, sent?: () => void, buffered?: number): void;
  listen(listener: CarrierListener): void;

  /** Ends the connection once what was sent has left. */
  close(): void;
}
