/** Questions about the registrations of the main thread. @module */

/** The registrations of a module in the main thread. */
export interface Registrations {
  /** Whether the text from `start` to `end` is that of a registered function. */
  isSource(start: number, end: number): boolean;

  /** Whether there is a registration between `start` and `end`. */
  isPosition(start: number, end: number): boolean;
}
