/** Makes the worker view of the program's own file on the main side, while the first thread starts. @module */

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { threadState } from '../../base/realm.ts';
import { ownFile } from '../find/address-of.ts';
import { pathOf } from '../file-url.ts';
import { report } from './make-view.ts';
import { viewAhead } from './view-cache.ts';

/** The longest file, in characters: its view is made in parts, each of which blocks the event loop for about 10 ms. */
const longest = 2 ** 15;

let isMade = false;

/**
 * Call this when a thread was started: until the thread is ready, the event loop of the main thread is free. Views of
 * TypeScript, or of the output of a loader, are not made ahead, because their text is not known here.
 */
export function makeViewAhead(): void {
  if (isMade) return;
  isMade = true;
  if (threadState() || availableParallelism() === 1) return;
  // If anything fails, the threads make the view themselves.
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
    // Each of the two modules is compiled in its own turn of the event loop.
    await import('acorn');
    await turn();
    const { workerViewInTurns } = await import('../view/worker-view.ts');
    const { libraries, sources, positions, methods } = view;
    const options = { url, format, libraries, sources, positions, methods, leftOut: [] };
    const made = await workerViewInTurns(text, options, turn);
    if (made) report(url, made);
    return made;
  });
}
