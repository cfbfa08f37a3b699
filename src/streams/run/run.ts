/** The state that all parts of one run of a stream share. @module */

import type { Deliveries } from './delivery.ts';
import type { Policy } from './policy.ts';
import type { Scope } from './scope.ts';

/** A run: what it has open, its events, how errors are treated, and when it ends. */
export interface Run {
  readonly scope: Scope;
  readonly deliveries: Deliveries;
  readonly policy: Policy;

  /** Aborted when the run is over: calls of wrapped functions end by it. */
  readonly signal: AbortSignal;

  /** The number of the partition of a grouped stream that it is; calls of one partition share a thread. */
  readonly partition?: number;

  /** Ends the run. */
  close(): Promise<void>;

  /** How many items a stage may be ahead where nothing else is said. */
  readonly maxSize: number;
}
