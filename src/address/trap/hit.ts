/** What is done when a statement of a view does what only the program may do. @module */

import { writeSync } from 'node:fs';
import { OffloopError } from '../../base/errors.ts';
import { shortName } from '../file-url.ts';
import { noteHit, readView } from '../view-cache.ts';
import { loadScope } from './scope.ts';
import type { Origin } from './scope.ts';

// As it is before there are traps.
const write = writeSync;

/**
 * A statement was about to do what `effect` says; it has not happened. The statement is left out of the view from now on,
 * in all threads, and this thread ends: its calls move to another one. Returns only if that is of no help: with the error
 * for the load, which fails with it.
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

/** For people who wonder what a thread runs: OFFLOOP_DEBUG=view. */
function report(text: string, cache: SharedArrayBuffer, line: number | undefined): void {
  if (!process.env['OFFLOOP_DEBUG']?.split(',').includes('view')) return;
  const code = line === undefined ? undefined : readView(cache)?.code.split('\n')[line - 1];
  write(2, `offloop: ${text}\n${code === undefined ? '' : `  ${line}: ${code.trim().slice(0, 70)}\n`}`);
}
