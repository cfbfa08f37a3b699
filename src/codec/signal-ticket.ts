/** What travels of an `AbortSignal`. @module */

import type { MessagePort } from 'node:worker_threads';

/** The sender's end of a signal, for the receiver to follow. The port has to be transferred. */
export interface SignalTicket {
  /** One field: `1` once the signal is aborted and the reason was posted. */
  readonly flag: Int32Array;
  readonly port: MessagePort;
}
