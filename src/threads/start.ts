/** What starting a thread takes, pooled or dedicated. @module */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { reentry } from '../address/explain.ts';
import { loading } from '../address/load.ts';
import { OffloopError } from '../base/errors.ts';
import { threadState } from '../base/realm.ts';

/** How threads are started; see `worker_threads.Worker`. */
export type ThreadOptions = Pick<WorkerOptions, 'env' | 'execArgv' | 'resourceLimits'>;

let lanePath: string | undefined;
let attachPath: string | undefined;

/**
 * The path of the one module that every thread of the library runs.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BUNDLED` if the library was bundled into another file.
 */
export function laneModule(): string {
  return (lanePath ??= existing(laneUrl));
}

/**
 * The path of the module through which Piscina's threads come to it.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BUNDLED` as {@link laneModule}.
 */
export function attachModule(): string {
  return (attachPath ??= existing(attachUrl));
}

// Tools that copy the files of a server (output file tracing) find these two by their URLs: the path has to be a literal,
// and the expression must not be the whole body of an arrow function.
function laneUrl(): URL {
  // oxlint-disable-next-line no-restricted-globals -- what finds the files of a program knows the global alone
  return new URL('../../workers/lane.js', import.meta.url);
}

function attachUrl(): URL {
  // oxlint-disable-next-line no-restricted-globals -- what finds the files of a program knows the global alone
  return new URL('../../workers/attach.cjs', import.meta.url);
}

/** The path of a file of the library, if it is there. */
function existing(locate: () => URL): string {
  let url: URL | undefined;
  try {
    url = locate();
  } catch {
    // In a bundle, `import.meta.url` may be nothing at all, or another file's.
  }
  if (url?.protocol === 'file:' && existsSync(url)) return fileURLToPath(url);
  const text = `Cannot start a thread: ${url?.href ?? 'workers/lane.js'} does not exist, offloop was bundled into another file`;
  throw new OffloopError('ERR_OFFLOOP_BUNDLED', `${text}. Mark "offloop" as external in the bundler`);
}

/** How many threads there may be in each other, the last of them one of a pool: each has a pool of its own. */
const deepest = 4;

/**
 * A thread that loads a module starts none: such threads would start each other without end.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_REENTRY` in a thread that loads a module.
 */
export function checkStart(): void {
  const url = loading();
  if (url !== undefined) throw reentry(url, 'a pool');
}

/**
 * As {@link checkStart}, for threads of a pool, of which one call may start any number.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BOOT` where there are too many threads in each other.
 */
export function checkPoolStart(): void {
  checkStart();
  const { depth = 0 } = threadState() ?? {};
  if (depth < deepest) return;
  const text = `Cannot start a thread: there are ${depth} in each other`;
  throw new OffloopError('ERR_OFFLOOP_BOOT', `${text}. Use pools in the main thread, or in its threads`);
}

/** Why a thread is ended that has not started in time. */
export function lateError(timeout: number): Error {
  return new Error(`it was not ready after ${timeout} ms, which is the setting startTimeout`);
}

/** Says why a thread could not be started. */
export function startError(error: unknown): unknown {
  if (error instanceof OffloopError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const isDenied = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED';
  const advice = isDenied ? '. Run node with --allow-worker beside its permission flags' : '';
  return new OffloopError('ERR_OFFLOOP_BOOT', `Cannot start a thread: ${message}${advice}`, { cause: error });
}
