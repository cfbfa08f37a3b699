/** The interface to the owner of a lane. @module */

import type { Loss } from './losses.ts';

/** Told of events on a lane. */
export interface LaneListener {
  /** Called after each message: calls may have been answered. */
  onProgress(): void;

  /** Called when the running call has begun to wait for a callback of the main side. */
  onWait?(): void;

  /** Receives the output of the thread. If missing, the main side prints it. */
  onPrint?: ((stream: number, chunk: string | Uint8Array) => void) | undefined;

  /** Called when the thread may have half-loaded modules, so that it has to end as soon as it is free. */
  onSpoilt?(): void;

  /** Called when a message was lost. */
  onLoss(loss: Loss): void;
}
