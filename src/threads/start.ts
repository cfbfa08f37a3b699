/** Shared by pooled and dedicated threads for their start: the paths of their modules, checks and errors. @module */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { reentry } from '../address/find/explain.ts';
import { loading } from '../address/load/load.ts';
import { OffloopError } from '../base/errors.ts';
import { otherOwner, othersInWords } from '../base/copies.ts';
import { threadState } from '../base/realm.ts';

/** How the threads of a pool are started; see `worker_threads.Worker`. */
export type ThreadOptions = Pick<WorkerOptions, 'env' | 'execArgv' | 'resourceLimits'>;

let lanePath: string | undefined;
let attachPath: string | undefined;

/**
 * The path of the one module that every thread of the library runs.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BUNDLED` if the library was bundled into another file.
 */
export function laneModule(): string {
  return (lanePath ??= existing(laneUrl, 'lane.js'));
}

/**
 * The path of the module that Piscina's threads load first; it imports the {@link laneModule}.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BUNDLED` as {@link laneModule}.
 */
export function attachModule(): string {
  return (attachPath ??= existing(attachUrl, 'attach.cjs'));
}

// Output file tracing, which copies the files that a server needs, finds these two by their URLs: the path has to be a
// literal, and the expression must not be the whole body of an arrow function.
function laneUrl(): URL {
  // oxlint-disable-next-line no-restricted-globals -- file tracing knows only the global `URL`
  return new URL('../../workers/lane.js', import.meta.url);
}

function attachUrl(): URL {
  // oxlint-disable-next-line no-restricted-globals -- file tracing knows only the global `URL`
  return new URL('../../workers/attach.cjs', import.meta.url);
}

/** The path of the library's file `name`, if it exists under this name: bundlers copy it alone, under another one. */
function existing(locate: () => URL, name: string): string {
  let url: URL | undefined;
  try {
    url = locate();
  } catch {
    // In a bundle, `import.meta.url` may be undefined, or the URL of another file.
  }
  if (url?.protocol === 'file:' && url.pathname.endsWith(`/workers/${name}`) && existsSync(url))
    return fileURLToPath(url);
  const text = `Cannot start a thread: ${url?.href ?? `workers/${name}`} is not that of the library, which was bundled into another file`;
  throw new OffloopError('ERR_OFFLOOP_BUNDLED', `${text}. Mark "offloop" as external in the bundler`);
}

/** How deep pools may be nested in each other's threads: a thread of a pool may have its own pool, and so on. */
const deepest = 4;

/**
 * Refuses to start a thread while this thread loads a module, since such threads would start each other without end. So
 * would the threads of two versions of the library.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_REENTRY` in a thread that is loading a module.
 * @throws {OffloopError} `ERR_OFFLOOP_COPIES` in a thread of another version of the library.
 */
export function checkStart(): void {
  if (otherOwner()) {
    const text = `Cannot run a function in a thread of another version: ${othersInWords()}`;
    throw new OffloopError('ERR_OFFLOOP_COPIES', `${text}. Install one version, see npm ls offloop`);
  }
  const url = loading();
  if (url !== undefined) throw reentry(url, 'a pool');
}

/**
 * As {@link checkStart}, for threads of a pool, of which one call may start any number.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if pools are nested too deep.
 */
export function checkPoolStart(): void {
  checkStart();
  const { depth = 0 } = threadState() ?? {};
  if (depth < deepest) return;
  const text = `Cannot start a thread: pools are nested in each other's threads ${depth} levels deep`;
  throw new OffloopError('ERR_OFFLOOP_BOOT', `${text}. Use pools in the main thread, or in its threads`);
}

/** The error of a thread that was not ready in time. */
export function lateError(timeout: number): Error {
  return new Error(`it was not ready after ${timeout} ms, the setting startTimeout`);
}

/** Wraps the reason why a thread could not be started. */
export function startError(error: unknown): unknown {
  if (error instanceof OffloopError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const isDenied = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED';
  const advice = isDenied ? '. Run node with --allow-worker beside its permission flags' : '';
  return new OffloopError('ERR_OFFLOOP_BOOT', `Cannot start a thread: ${message}${advice}`, { cause: error });
}
