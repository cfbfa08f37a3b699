/** The functions of operators, as a run calls them: plain ones as they are, wrapped ones until the run ends. @module */

import { argumentError } from '../../base/errors.ts';
import { configuration } from '../../base/config.ts';
import { threadState } from '../../base/realm.ts';
import { callIn, CallGroup } from '../../wrappers/call-group.ts';
import { offLoop } from '../../wrappers/off-loop.ts';

/** A function of an operator in one run. */
export type Calling = (...args: unknown[]) => unknown;

/** Says when calls are not wanted any more: a run, or a controller. */
export interface Ended {
  readonly signal: AbortSignal;
}

/** Whether calls of `fn` run elsewhere, so that several may be out at once. */
export function isOffLoop(fn: unknown): boolean {
  return offLoop(fn)?.isIterable === false;
}

/** Whether calls of `fn` that share a key run one after the other in one thread, so that several may be out at once. */
export function runsInLine(fn: unknown): boolean {
  return isOffLoop(fn) && offLoop(fn)?.hasKeys === true && !threadState() && !configuration.inline;
}

/**
 * Gives what calls `fn`. Calls of a wrapped function end by `signal`, and wait for room where their executor has a bound.
 * A call that is known to take microseconds has no signal, so that it shares a message with others, and is given a moment
 * to end by itself. With a `key` they run in one thread while that lives, if the function is one of a pool.
 */
export function callsOf(fn: Function, ended: Ended, key?: number): Calling {
  const wrapped = offLoop(fn);
  if (!wrapped) return fn as Calling;
  const { signal } = ended;
  const place = key !== undefined && wrapped.hasKeys ? { key } : {};
  const abortable = wrapped.with({ ...place, signal });
  const quick = wrapped.with(place);
  const group = new CallGroup(signal);
  const call: Calling = (...args) =>
    wrapped.isQuick && !signal.aborted ? callIn(group, quick, args) : abortable(...args);
  // In a thread, and in inline mode, it runs here: nobody else is asked.
  if (threadState() || configuration.inline) return abortable;
  const { executor } = wrapped;
  if (key !== undefined && wrapped.hasKeys && executor.keepsThreads === false) {
    throw argumentError(
      `Cannot call ${wrapped.name || 'the function'} in a grouped stream: its pool replaces threads by maxTasksPerThread`,
    );
  }
  if (!executor.isBounded || wrapped.isIterable) return call;
  return async (...args) => {
    await executor.ready?.({ signal });
    return call(...args);
  };
}
