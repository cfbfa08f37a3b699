/** Makes the worker view of one module's text, or takes the one that another thread made. @module */

import { createRequire } from 'node:module';
import { writeSync } from 'node:fs';
import type { ModuleFormat, ViewSpec } from './address.ts';
import { shortName } from './file-url.ts';
import { awaitAhead, hasView, sharedView } from './view-cache.ts';
import type { SharedView } from './view-cache.ts';
import type { WorkerView } from './view/worker-view.ts';

type Slicer = typeof import('./view/worker-view.ts');

let slicer: Slicer | undefined;

/** How long a thread waits for a view that the main side makes, in milliseconds: about as long as it takes itself. */
const patience = 50;

/** Loads the slicer, and acorn with it, unless a finished view makes that unnecessary. */
export async function prepareSlicer({ cache }: ViewSpec): Promise<void> {
  if (!hasView(cache)) awaitAhead(cache, patience);
  if (!hasView(cache)) slicer ??= await import('./view/worker-view.ts');
}

/**
 * The view of `text`, the JavaScript of the module at `url`, and how many hits were known when it was made; a module that
 * nobody can slice stays as it is.
 */
export function viewOf(text: string, url: string, format: ModuleFormat, view: ViewSpec): SharedView {
  return sharedView(view.cache, text, (leftOut) => {
    const { libraries, sources, positions, methods } = view;
    const made = loadedSlicer().workerView(text, { format, libraries, sources, positions, methods, leftOut });
    report(url, made);
    return made;
  });
}

let marks = 0;

/**
 * The text to run in place of `text`, of an ES module. It says when its own statements begin: an import at the end is the
 * last one to be evaluated, and moves nothing.
 */
export function viewText(text: string, url: string, view: ViewSpec): string {
  const { view: made, version } = viewOf(text, url, 'module', view);
  const arguments_ = `${JSON.stringify(url)}, ${version}`;
  // A module is evaluated once; with a number, each view has one of its own.
  const mark = `globalThis[Symbol.for('offloop.realm@1')].slots.get('load scope').begin(${arguments_}); // ${marks++}`;
  return `${made.code}\n;import ${JSON.stringify(`data:text/javascript,${encodeURIComponent(mark)}`)};`;
}

/**
 * Hooks are synchronous. This way is taken only if nothing was prepared (see `guardEntry`), or if the file was changed
 * after its view had been made.
 */
function loadedSlicer(): Slicer {
  return (slicer ??= createRequire(import.meta.url)('../address/view/worker-view.js') as Slicer);
}

/** For people who wonder what a thread runs: OFFLOOP_DEBUG=view. */
export function report(url: string, { leftOut, whole }: WorkerView): void {
  if (!process.env['OFFLOOP_DEBUG']?.split(',').includes('view')) return;
  const lines = leftOut.map(({ line, text }) => `  ${line}: ${text}\n`).join('');
  const what = whole ? 'cannot be sliced and runs whole' : leftOut.length > 0 ? 'leaves out' : 'leaves nothing out';
  // Written at once: a thread's own stderr goes by way of the main loop, which may be busy.
  writeSync(2, `offloop: the worker view of ${shortName(url)} ${what}\n${lines}`);
}
