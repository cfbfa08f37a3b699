/** The options of a call, checked and complete. @module */

import { bare } from '../base/options.ts';
import type { Transferable } from 'node:worker_threads';
import type { Limits } from './limits.ts';
import type { KeptFunctions } from './arguments/kept-functions.ts';
import type { Sink } from './print.ts';

/** The options of a call. */
export interface CallPlan extends Limits {
  readonly priority: number;
  readonly key?: string | number | undefined;
  readonly transfer?: readonly Transferable[] | undefined;

  /** Whether an executor may run the call again that cannot know whether it has run. */
  readonly idempotent?: boolean | undefined;

  /** Whether the call lasts as long as its thread: it is neither waited for nor in the way of others. */
  readonly lasts?: boolean | undefined;

  /** The functions among the arguments of all calls of an object, which its thread may keep. */
  readonly kept?: KeptFunctions | undefined;

  /** Whether the process may end while the call is outstanding. */
  readonly detach?: boolean | undefined;

  /** For a dedicated thread: its `process.argv` after the first two entries. */
  readonly argv?: readonly string[] | undefined;

  /** For a dedicated thread: the streams that receive its output. */
  readonly stdout?: Sink | undefined;
  readonly stderr?: Sink | undefined;
}

/** The plan of a call without options. */
export const plainPlan: CallPlan = bare({ timeout: Infinity, queueTimeout: Infinity, priority: 0 });

/** The stack of the caller, for errors, and the time at which the call was made. */
export interface Caller {
  readonly stack?: string | undefined;
  readonly at: number;
}

/** Whether a call cannot share a message with others, because it may be given up, or has a transfer list. */
export function isAlone({ signal, timeout, transfer }: CallPlan): boolean {
  return signal !== undefined || timeout !== Infinity || (transfer !== undefined && transfer.length > 0);
}
