/** `offloop top URL`: shows in a terminal what a monitor shows on its page. @module */

import { MonitorError, readSamples } from '../top/read.ts';
import { view } from '../top/view.ts';
import type { TopArguments } from './args.ts';
import { Interruption, interruptible } from './interrupt.ts';

/** Shows samples as they come, and gives the exit code: `0` once the monitor ends, or at Ctrl-C; `1` if there is none. */
export async function topCommand({ url, token, json, once }: TopArguments): Promise<number> {
  using interruption = interruptible();
  const { signal } = interruption;
  const { stdout } = process;
  const isScreen = stdout.isTTY && !json && !once;
  let isFirst = true;
  try {
    for await (const sample of readSamples(url, token, signal)) {
      if (json) console.log(JSON.stringify(sample));
      else if (isScreen) stdout.write(`\u001B[H\u001B[J${view(sample, url, stdout.columns).join('\n')}\n`);
      else console.log(`${isFirst ? '' : '\n'}${view(sample, url, Infinity).join('\n')}`);
      isFirst = false;
      if (once) break;
    }
  } catch (error) {
    const { reason } = signal as { reason: unknown };
    if (reason instanceof Interruption) return 0;
    if (!(error instanceof MonitorError)) throw error;
    console.error(`offloop: ${error.message}`);
    return 1;
  }
  return 0;
}
