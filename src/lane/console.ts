/** Sees to it that what a call printed is on its way before its result is. @module */

/** Waits until what this thread wrote to stdout and stderr has left it; returns at once if there is nothing. */
export function flushConsole(): Promise<unknown> | undefined {
  const { stdout, stderr } = process;
  if (stdout.writableLength === 0 && stderr.writableLength === 0) return undefined;
  return Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))));
}
