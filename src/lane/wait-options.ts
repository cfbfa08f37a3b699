/** Limits of waits. @module */

/** How long to wait. */
export interface WaitOptions {
  /** How long to wait at the most, in milliseconds; then `ERR_OFFLOOP_TIMEOUT` is thrown. From 0. @defaultValue `Infinity` */
  timeout?: number | undefined;

  /**
   * Ends the wait: `signal.reason` is thrown. While a thread blocks, only a signal that was an argument of its call can be
   * aborted, and `callSignal()`, which ends every wait by itself. @defaultValue none
   */
  signal?: AbortSignal | undefined;
}
