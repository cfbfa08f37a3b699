/** Joins the two stacks of an error: of the throw in the thread, and of the call on the main side. @module */

import { fileURLToPath } from 'node:url';
import { Promise } from '../../base/intrinsics.ts';

const joint = '    at offloop call';
const frameStart = '    at ';

const joined = new WeakSet<object>();

/**
 * Appends to the stack of `error` a line that names the crossing, and the frames of `caller`, the stack of an error
 * that was made at the call. Does so once for each error. An error whose stack cannot be set keeps it.
 */
export function joinStacks(error: unknown, caller: string | undefined): void {
  if (typeof error !== 'object' || error === null || caller === undefined || joined.has(error)) return;
  try {
    const { stack } = error as { stack?: unknown };
    const frames = caller.split('\n').filter((line) => line.startsWith(frameStart));
    if (typeof stack !== 'string' || frames.length === 0) return;
    const value = withoutOwnFrames([stack, joint, ...frames].join('\n'));
    Object.defineProperty(error, 'stack', { value, enumerable: false, configurable: true, writable: true });
    joined.add(error);
  } catch {
    // The error is frozen, or its stack is a getter of the user's.
  }
}

/**
 * A stack without the frames of this package, and those of Node.js that have called these: the frames of the user's code tell
 * where to look. A stack that has none of those keeps the two innermost of the package, whose folder is `own`.
 */
export function withoutOwnFrames(stack: string, own: readonly string[] = folders): string {
  const isOwn = (text: string): boolean => own.some((it) => text.includes(it));
  if (!isOwn(stack)) return stack;
  const lines = stack.split('\n');
  let isWithin = false;
  const others = lines.filter((line) => !(isWithin = isOwn(line) || (isWithin && isOfNode(line))));
  const hasFrames = others.some((line) => line.startsWith(frameStart) && !isOfNode(line));
  if (hasFrames) return others.join('\n');
  let kept = 0;
  return lines.filter((line) => !isOwn(line) || (kept += 1) <= mostOwn).join('\n');
}

/** How many frames of its own a stack keeps that has no others. */
const mostOwn = 2;

/**
 * The folders of the package's code, and of the sources that a source map names, as frames of ES modules and of CommonJS have them;
 * none if the package was bundled along.
 */
const [, root] = /^(.*\/)dist\/lib\/src\//.exec(import.meta.url) ?? [];
const folders = ['dist/lib/', 'src/', 'workers/'].flatMap((name) =>
  root === undefined ? [] : [root + name, fileURLToPath(root + name)],
);

const isOfNode = (line: string): boolean => line.startsWith(frameStart) && line.includes('node:');

/**
 * For calls whose stack was not captured: rejects a promise, given its `resolve` and `reject`, after appending to the
 * stack of `error` the frames of the `async` functions that await the promise. V8 finds these as it does for "at async"
 * frames (https://v8.dev/docs/stack-trace-api#async-stack-traces), by following promises that are resolved with one
 * another. This costs nothing before the failure. The rejection comes some microtasks later.
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
  // V8 follows the last `resolve` and `reject` of the chain; an `await` in between would break it.
  // oxlint-disable-next-line promise/no-promise-in-callback
  failing().then(resolve, reject);
}

const settled = Promise.resolve();
