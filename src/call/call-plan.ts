/** How a call is to be made. @module */

import { bare } from '../base/options.ts';
import type { Transferable } from 'node:worker_threads';
import type { Limits } from './limits.ts';
import type { Sink } from './print.ts';

/** How a call is to be made. */
export interface CallPlan extends Limits {
  readonly priority: number;
  readonly key?: string | number | undefined;
  readonly transfer?: readonly Transferable[] | undefined;

  /** Whether the process may end while the call is out. */
  readonly detach?: boolean | undefined;

  /** What a thread of its own finds in `process.argv`, after the first two. */
  readonly argv?: readonly string[] | undefined;

  /** Where what a thread of its own prints goes. */
  readonly stdout?: Sink | undefined;
  readonly stderr?: Sink | undefined;
}

/** How a call is made that nothing is said about. */
export const plainPlan: CallPlan = bare({ timeout: Infinity, queueTimeout: Infinity, priority: 0 });

/** Where a call was made, for its errors, and when. */
export interface Caller {
  readonly stack?: string | undefined;
  readonly at: number;
}

/** Whether a call cannot travel with others. */
export function isAlone({ signal, timeout, transfer }: CallPlan): boolean {
  return signal !== undefined || timeout !== Infinity || (transfer !== undefined && transfer.length > 0);
}
