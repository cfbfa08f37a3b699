/** Joins the two stacks of an error: where it was thrown, and where the call was made. @module */

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
