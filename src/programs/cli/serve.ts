/** `offloop serve`: keeps the process of a node running, and replaces it when the code is to be read anew. @module */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { lineOf } from '../serve/log.ts';
import type { ServeArguments } from '../serve/serve-arguments.ts';
import { manifestPath } from './manifest.ts';

/** How long to wait before a node is started again that has died, in milliseconds; longer each time, until this. */
const firstWait = 500;
const longestWait = 30_000;

/** A process of a node. */
interface Running {
  readonly child: ChildProcess;

  /** Resolves once it takes calls; with `false` if it has ended before. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<number>;
}

/** Serves until SIGTERM or SIGINT, and gives the exit code: `0` if no call was dropped, `1` if one was, or nothing could be served. */
export async function serveCommand(options: ServeArguments): Promise<number> {
  let current = start(options);
  let isEnding = false;
  let wait = firstWait;
  let wake: () => void = () => undefined;
  const log = (event: string, facts: object = {}): void => console.log(lineOf({ event, ...facts }, options.json));

  const end = (): void => {
    isEnding = true;
    wake();
    current.child.kill('SIGTERM');
  };
  const reload = async (): Promise<void> => {
    if (isEnding) return;
    log('reloading');
    const [before, next] = [current, start(options)];
    if (!(await next.ready)) return log('not reloaded', { why: 'the new process has ended before it was ready' });
    current = next;
    before.child.kill('SIGTERM');
    if (isEnding) next.child.kill('SIGTERM');
  };
  const hangUp = (): void => void reload();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, end);
  process.on('SIGHUP', hangUp);
  try {
    if (!(await current.ready)) return (await current.ended) || 1;
    for (;;) {
      const running = current;
      // oxlint-disable-next-line no-await-in-loop
      const code = await running.ended;
      // One that was replaced.
      if (running !== current) continue;
      if (isEnding) return code;
      log('died', { code, again: wait });
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, wait);
      });
      if (isEnding) return 1;
      wait = Math.min(longestWait, wait * 2);
      current = start(options);
      // oxlint-disable-next-line no-await-in-loop
      if (await current.ready) wait = firstWait;
    }
  } finally {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.off(name, end);
    process.off('SIGHUP', hangUp);
  }
}

function start(options: ServeArguments): Running {
  const main = join(dirname(manifestPath()), 'dist/lib/src/programs/serve/main.js');
  const child = fork(main, [JSON.stringify(options)], { stdio: 'inherit' });
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const ready = new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true));
    void ended.then(() => resolve(false));
  });
  return { child, ready, ended };
}
