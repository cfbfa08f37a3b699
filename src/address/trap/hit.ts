/** A hit: a statement of a view is about to have an effect that only the main thread may have. @module */

import { writeSync } from 'node:fs';
import { OffloopError } from '../../base/errors.ts';
import { shortName } from '../file-url.ts';
import { noteHit, readView } from '../load/view-cache.ts';
import { loadScope } from './scope.ts';
import type { Origin } from './scope.ts';

// The original, read before any trap is installed.
const write = writeSync;

/**
 * Handles a hit. The statement was about to have `effect`, which has not happened. From now on the view leaves the
 * statement out in all threads, and this thread ends; its calls move to another thread. Returns only if that does not
 * help, with the error that the load fails with.
 */
export function hit(effect: string, { view, position, line }: Origin): OffloopError {
  const { spec, version } = view;
  const note = noteHit(spec.view.cache, position, version);
  const place = line === undefined ? shortName(spec.url) : `line ${line} of ${shortName(spec.url)}`;
  if (note === 'new') report(`${place} ${effect}: it is left out of the worker view`, spec.view.cache, line);
  if (note !== 'useless') loadScope.thread.discard?.();
  const error = new OffloopError(
    'ERR_OFFLOOP_REENTRY',
    `Cannot load ${shortName(spec.url)} in a worker thread: ${place} ran again there and ${effect}. ` +
      "Move the module's wrapped functions to a module of their own, or run its main part only if `isMainThread` of node:worker_threads is true",
  );
  loadScope.thread.fail?.(error);
  return error;
}

/** Prints the hit if OFFLOOP_DEBUG has `view`. */
function report(text: string, cache: SharedArrayBuffer, line: number | undefined): void {
  if (!process.env['OFFLOOP_DEBUG']?.split(',').includes('view')) return;
  const code = line === undefined ? undefined : readView(cache)?.code.split('\n')[line - 1];
  write(2, `offloop: ${text}\n${code === undefined ? '' : `  ${line}: ${code.trim().slice(0, 70)}\n`}`);
}
