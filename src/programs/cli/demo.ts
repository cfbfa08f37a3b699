/** `offloop demo`: runs the demo and prints what it found. @module */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { styleText } from 'node:util';

import type { ThreadPool } from '../../index.ts';
import type { Listening } from '../../monitor/index.ts';
import { runDemo } from '../demo/demo.ts';
import { report } from '../demo/report.ts';
import type { DemoArguments } from './args.ts';
import { Interruption, interruptible } from './interrupt.ts';
import { manifestPath } from './manifest.ts';
import { Progress } from './progress.ts';

/** Runs the demo and gives the exit code: `0`, or 128 and the signal's number if a signal stopped it. */
export async function demoCommand({ path, threads, files, json, monitor: port }: DemoArguments): Promise<number> {
  using interruption = interruptible();
  const { signal } = interruption;
  const progress = new Progress({ draw: !json || process.stderr.isTTY });
  const pools = new Set<ThreadPool>();
  const onPool = (pool: ThreadPool): void => void pools.add(pool);
  const shown = port === undefined ? undefined : await show(pools, port);

  try {
    const result = await runDemo(path ?? defaultPath(), { threads, files, signal, progress, onPool });
    console.log(json ? JSON.stringify(result, undefined, 2) : report(result, emphasis).join('\n'));
    return 0;
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;

    console.error(`${error.message}: ${progress.reached}`);
    return error.exitCode;
  } finally {
    await shown?.close();
  }
}

/** Shows on a page what `pools` do. */
async function show(pools: Iterable<ThreadPool>, port: number): Promise<Listening> {
  const { monitor } = await import('../../monitor/index.ts');
  const listening = await monitor(pools, { interval: 250 }).listen({ port });
  console.error(`The monitor: ${listening.url}`);
  return listening;
}

/** The `node_modules` of the project in the current folder, else those that this package lives among or beside. */
function defaultPath(): string {
  const home = dirname(manifestPath());
  const candidates = ['node_modules', join(home, 'node_modules'), home];
  return candidates.find((folder) => existsSync(folder)) ?? home;
}

/** Respects `NO_COLOR` and `FORCE_COLOR`, through what the stream says it can do. */
function emphasis(text: string): string {
  return process.stdout.isTTY && process.stdout.hasColors() ? styleText('bold', text) : text;
}
