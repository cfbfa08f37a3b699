/** Runs modules of Turbopack's chunks in a thread, by the functions with which the files of pages do. @module */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { OffloopError } from '../../base/errors.ts';
import { shortName } from '../file-url.ts';
import { textOfFile } from './frames.ts';
import { runtimeName as name } from './spec.ts';

/** What `[turbopack]_runtime.js` exports. */
export type Runtime = (sourcePath: string) => {
  /** Loads a chunk, by its path below the output folder. */
  c(path: string): void;

  /** Runs a module, once. */
  m(id: string | number): { exports: unknown };
};

/** Runs the module `id` of the chunk `file`, after all chunks in `loaded` that belong to it. */
export async function runByTurbopack(file: string, id: string, loaded: readonly string[]): Promise<void> {
  const path = runtimeOf(file);
  const root = path && outputFolder(path);
  if (path === undefined || root === undefined) {
    throw new OffloopError(
      'ERR_OFFLOOP_LOAD',
      `Cannot load module ${id} of ${shortName(file)} in a worker thread: ${name} was not found beside it`,
    );
  }
  const runtime = (createRequire(file)(path) as Runtime)(relative(root, file));
  for (const chunk of new Set([...loaded, file])) {
    if (runtimeOf(chunk) === path && chunk !== path) runtime.c(relative(root, chunk).replaceAll('\\', '/'));
  }
  await runtime.m(/^\d+$/.test(id) ? Number(id) : id).exports;
}

/** The folder to which the paths of chunks are relative: the runtime has its own such path. */
function outputFolder(path: string): string | undefined {
  const [, own] = /\bRUNTIME_PUBLIC_PATH\s*=\s*"([^"]+)"/.exec(textOfFile(path) ?? '') ?? [];
  return own !== undefined && path.replaceAll('\\', '/').endsWith(`/${own}`)
    ? path.slice(0, -own.length - 1)
    : undefined;
}

/** The path of the runtime of a chunk: in its folder, or above. */
function runtimeOf(file: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  return undefined;
}
