/** What starting a thread takes, pooled or dedicated. @module */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { OffloopError } from '../errors.ts';

/** How threads are started; see `worker_threads.Worker`. */
export type ThreadOptions = Pick<WorkerOptions, 'env' | 'execArgv' | 'resourceLimits'>;

let path: string | undefined;

/**
 * The path of the one module that every thread of the library runs.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BUNDLED` if the library was bundled into another file.
 */
export function laneModule(): string {
  if (path) return path;
  const url = laneUrl();
  if (!url || !existsSync(url)) {
    const text = `Cannot start a thread: ${url?.href ?? 'workers/lane.js'} does not exist, offloop was bundled into another file`;
    throw new OffloopError('ERR_OFFLOOP_BUNDLED', `${text}. Mark "offloop" as external in the bundler`);
  }
  return (path = fileURLToPath(url));
}

/** The path of the module through which Piscina's threads come to it. */
export function attachModule(): string {
  return join(dirname(laneModule()), 'attach.cjs');
}

/** In a bundle, `import.meta.url` may be another file's, or nothing at all. */
function laneUrl(): URL | undefined {
  try {
    const url = new URL('../../workers/lane.js', import.meta.url);
    return url.protocol === 'file:' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Says why a thread could not be started. */
export function startError(error: unknown): unknown {
  if (error instanceof OffloopError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const isDenied = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED';
  const advice = isDenied ? '. Run node with --allow-worker beside its permission flags' : '';
  return new OffloopError('ERR_OFFLOOP_BOOT', `Cannot start a thread: ${message}${advice}`, { cause: error });
}
