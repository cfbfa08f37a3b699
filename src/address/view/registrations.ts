/** What the main thread tells of its registrations. @module */

/** The functions that were registered in the main thread. */
export interface Registrations {
  /** Whether the text from `start` to `end` is a registered function's. */
  isSource(start: number, end: number): boolean;

  /** Whether a registration stands there. */
  isPosition(start: number, end: number): boolean;
}
