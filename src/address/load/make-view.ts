/** Makes the worker view of a module's text, or takes the view that another thread made. @module */

import { writeSync } from 'node:fs';
import { realmKey } from '../../base/realm.ts';
import type { ModuleFormat, ViewSpec } from '../address.ts';
import { shortName } from '../file-url.ts';
import { requireSlicer } from '../own-files.ts';
import { awaitAhead, hasView, sharedView } from './view-cache.ts';
import type { SharedView } from './view-cache.ts';
import type { WorkerView } from '../view/worker-view.ts';

type Slicer = typeof import('../view/worker-view.ts');

let slicer: Slicer | undefined;

/** How long a thread waits for a view that the main side makes, in milliseconds: about as long as making it takes. */
const patience = 50;

/** Loads the slicer, and acorn with it, unless a finished view makes that unnecessary. */
export async function prepareSlicer({ cache }: ViewSpec): Promise<void> {
  if (!hasView(cache)) awaitAhead(cache, patience);
  if (!hasView(cache)) slicer ??= await import('../view/worker-view.ts');
}

/**
 * The view of `text`, the JavaScript of the module at `url`, and the number of hits that were known when it was made. A
 * module that cannot be sliced stays whole.
 */
export function viewOf(text: string, url: string, format: ModuleFormat, view: ViewSpec): SharedView {
  return sharedView(view.cache, text, (leftOut) => {
    const { libraries, sources, positions, methods } = view;
    const made = loadedSlicer().workerView(text, { url, format, libraries, sources, positions, methods, leftOut });
    report(url, made);
    return made;
  });
}

let marks = 0;

/**
 * The text to run in place of `text`, an ES module. An appended import reports that the view's own statements begin:
 * the last import is evaluated last, and an import at the end moves no positions.
 */
export function viewText(text: string, url: string, view: ViewSpec): string {
  const { view: made, version } = viewOf(text, url, 'module', view);
  const arguments_ = `${JSON.stringify(url)}, ${version}`;
  // A module is evaluated once for each URL; the number gives each view its own URL.
  const mark = `globalThis[Symbol.for('${realmKey}')].slots.get('load scope').begin(${arguments_}); // ${marks++}`;
  return `${made.code}\n;import ${JSON.stringify(`data:text/javascript,${encodeURIComponent(mark)}`)};`;
}

/**
 * The slicer, loaded synchronously as hooks have to. This happens only if nothing was prepared (see `guardEntry`), or
 * if the file was changed after its view was made.
 */
function loadedSlicer(): Slicer {
  return (slicer ??= requireSlicer());
}

/** Prints what a view leaves out, if OFFLOOP_DEBUG has `view`. */
export function report(url: string, { leftOut, whole }: WorkerView): void {
  if (!process.env['OFFLOOP_DEBUG']?.split(',').includes('view')) return;
  const lines = leftOut.map(({ line, text }) => `  ${line}: ${text}\n`).join('');
  const what = whole ? 'cannot be sliced and runs whole' : leftOut.length > 0 ? 'leaves out' : 'leaves nothing out';
  // Written synchronously: a thread's own stderr goes through the main event loop, which may be busy.
  writeSync(2, `offloop: the worker view of ${shortName(url)} ${what}\n${lines}`);
}
