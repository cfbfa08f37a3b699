/** `offloop demo live`: runs a pipeline from a network stream to a page, until it is interrupted. @module */

import { spawn } from 'node:child_process';
import { startLive } from '../live/live.ts';
import type { LiveFacts } from '../live/live.ts';
import type { LiveArguments } from './args.ts';
import { Interruption, interruptible } from './interrupt.ts';

/** Runs the demo and gives the exit code: `0` after its time, or 128 and the signal's number if a signal stopped it. */
export async function liveCommand({ port, time, open }: LiveArguments): Promise<number> {
  using interruption = interruptible();
  const { signal } = interruption;
  const demo = await startLive(port);
  let timer: NodeJS.Timeout | undefined;
  try {
    console.log(`The page: ${demo.address}`);
    console.log(`The cache: ${demo.store}`);
    console.log(time === Infinity ? 'Ctrl-C ends it' : `It ends after ${time / 1000} s`);
    if (open) openPage(demo.address);
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
      if (signal.aborted) resolve();
      if (time !== Infinity) timer = setTimeout(resolve, time);
    });
    await Promise.race([stopped, demo.running]);
  } finally {
    clearTimeout(timer);
    await demo.close();
  }
  const { reason } = signal as { reason: unknown };
  const interrupted = reason instanceof Interruption ? reason : undefined;
  console.log(`${interrupted?.message ?? 'Ended'}: ${told(demo.facts)}`);
  return interrupted?.exitCode ?? 0;
}

function told({ readings, summaries, gaps, dropped, latest }: LiveFacts): string {
  const cuts = gaps === 1 ? 'one cut connection' : `${gaps} cut connections`;
  return `${readings} readings, ${summaries} summaries, ${cuts}, ${dropped} dropped; the loop of main was late by ${latest.toFixed(1)} ms at most`;
}

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens `address` in the user's browser, as far as there is one. */
function openPage(address: string): void {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, address], { stdio: 'ignore', detached: true });
  child.once('error', ({ message }) => console.error(`offloop: Cannot open a browser: ${message}`));
  child.unref();
}
