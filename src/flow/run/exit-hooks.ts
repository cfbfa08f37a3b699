/** Functions that are called when a run has ended. @module */

import { OffloopError } from '../../base/errors.ts';
import { settled } from '../../streams/run/scope.ts';
import { within } from './deadline.ts';

/** A function that is called when a run has ended. */
export interface ExitHook {
  readonly fn: () => unknown;

  /** How long it may take; `undefined` for as long as the run allows. */
  readonly timeout: number | undefined;
}

/**
 * Calls `hooks`, the last one first, one after the other; all are called, whatever happens, but for those that are taken back
 * meanwhile. Gives the first error, if there is one.
 */
export async function callHooks(
  hooks: ReadonlySet<ExitHook>,
  closeTimeout: number,
): Promise<{ readonly error: unknown } | undefined> {
  let first: { readonly error: unknown } | undefined;
  for (const hook of [...hooks].toReversed()) {
    if (!hooks.has(hook)) continue;
    const { fn, timeout = closeTimeout } = hook;
    const late = (): Error =>
      new OffloopError(
        'ERR_OFFLOOP_TIMEOUT',
        `Cannot wait for the exit hook ${fn.name || 'without a name'}: it takes longer than ${timeout} ms`,
      );
    const failure = await settled(async () => within(timeout, call(fn), late));
    first ??= failure;
  }
  return first;
}

async function call(fn: () => unknown): Promise<unknown> {
  return fn();
}
