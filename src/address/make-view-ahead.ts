/** Makes the worker view of the program's own file while the first thread starts, which would need it then. @module */

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import { threadState } from '../base/realm.ts';
import { ownFile } from './address-of.ts';
import { pathOf } from './file-url.ts';
import { report } from './make-view.ts';
import { viewAhead } from './view-cache.ts';

/** The longest file, in characters: the view of one is made in parts of which each holds the loop up for about 10 ms. */
const longest = 2 ** 15;

let isMade = false;

/**
 * To be called when a thread has been started, once it cannot be any sooner: the loop of the main thread has nothing to do
 * then but to wait for it. What threads run from TypeScript, or from what a loader gives, is not known here.
 */
export function makeViewAhead(): void {
  if (isMade) return;
  isMade = true;
  if (threadState() || availableParallelism() === 1) return;
  // Threads make it themselves if anything fails.
  make().catch(() => undefined);
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function make(): Promise<void> {
  const spec = ownFile();
  const path = spec && pathOf(spec.url);
  if (!path || !/\.[cm]?js$/.test(path)) return;
  const { url, format, view } = spec;
  const text = await readFile(path, 'utf8');
  if (text.length > longest) return;
  await viewAhead(view.cache, text, async () => {
    // The two are compiled in a turn each.
    await import('acorn');
    await turn();
    const { workerViewInTurns } = await import('./view/worker-view.ts');
    const { libraries, sources, positions, methods } = view;
    const options = { format, libraries, sources, positions, methods, leftOut: [] };
    const made = await workerViewInTurns(text, options, turn);
    if (made) report(url, made);
    return made;
  });
}
