/** The parts of an `AbortSignal` that are sent. @module */

import type { MessagePort } from 'node:worker_threads';

/** The means by which the receiver follows a signal. The port has to be transferred. */
export interface SignalTicket {
  /** Has one element: `1` once the signal is aborted and the reason was posted. */
  readonly flag: Int32Array;
  readonly port: MessagePort;
}
