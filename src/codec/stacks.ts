/** Joins the two stacks of an error: where it was thrown, and where the call was made. @module */

import { Promise } from '../base/intrinsics.ts';

const joint = '    at offloop call';

const joined = new WeakSet<object>();

/**
 * Appends to the stack of `error` a line that names the crossing, and the frames of `caller`, which is the stack of an
 * error made at the call. Does so once an error; what does not let its stack be set keeps the one it has.
 */
export function joinStacks(error: unknown, caller: string | undefined): void {
  if (typeof error !== 'object' || error === null || caller === undefined || joined.has(error)) return;
  try {
    const { stack } = error as { stack?: unknown };
    const frames = caller.split('\n').filter((line) => line.startsWith('    at '));
    if (typeof stack !== 'string' || frames.length === 0) return;
    const value = [stack, joint, ...frames].join('\n');
    Object.defineProperty(error, 'stack', { value, enumerable: false, configurable: true, writable: true });
    joined.add(error);
  } catch {
    // A frozen error, or one whose stack is a getter of the user's.
  }
}

/**
 * Rejects a promise, given its own `resolve` and `reject`, after the frames of those who await it were appended to the
 * stack of `error`: for calls of which no stack was kept. V8 follows a promise that another one resolves with to the
 * `async` functions that wait at its end, as in "at async" frames (https://v8.dev/docs/stack-trace-api#async-stack-traces);
 * nothing is paid before the failure. Rejects some microtasks later.
 */
export function rejectAwaited(
  error: unknown,
  resolve: (value: never) => void,
  reject: (reason: unknown) => void,
): void {
  const failing = async (): Promise<never> => {
    await settled;
    const here: { stack?: string } = {};
    Error.captureStackTrace(here, failing);
    const awaiting = here.stack?.split('\n').filter((line) => !line.includes('(node:internal/'));
    joinStacks(error, awaiting?.join('\n'));
    throw error;
  };
  // Whose `resolve` and `reject` are the last in the chain is what V8 looks at: an `await` in between would end it.
  // oxlint-disable-next-line promise/no-promise-in-callback
  failing().then(resolve, reject);
}

const settled = Promise.resolve();
