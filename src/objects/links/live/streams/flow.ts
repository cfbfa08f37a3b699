/** How fast the other side takes what is sent. @module */

export interface Flow {
  /** Whether much of what was sent has not left. */
  readonly isSlow: boolean;

  /** Calls `action` once it is no longer slow; never, if the connection ends first. */
  whenDrained(action: () => void): void;
}
