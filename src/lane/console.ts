/** Sees to it that what a call printed is on its way before its result is. @module */

/** Whether nothing that this thread wrote to stdout and stderr is still in it. */
export function isConsoleFlushed(): boolean {
  return process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
}

/** Waits until what this thread wrote to stdout and stderr has left it. */
export async function flushConsole(): Promise<void> {
  if (isConsoleFlushed()) return;
  const { stdout, stderr } = process;
  await Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))));
}
