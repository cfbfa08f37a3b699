/** The options of one iterator, for its consumer. @module */

import type { Overflow } from '../ring/ring.ts';

/** The options of one iterator. */
export interface StreamPlan {
  readonly maxSize: number;
  readonly overflow: Overflow;

  /** How long a generator that was closed may take to end, in milliseconds. */
  readonly closeTimeout: number;
  readonly signal?: AbortSignal | undefined;
}
