/** The cache on the disk in which Node.js keeps what it has compiled, if the program has asked for that. @module */

import module from 'node:module';
import { dirname } from 'node:path';

/** Since Node.js 22.8; the types are of the oldest version that is supported. */
interface CompileCache {
  getCompileCacheDir?(): string | undefined;
  enableCompileCache?(folder: string): unknown;
}

/**
 * The folder that the program has given to `module.enableCompileCache()` or `NODE_COMPILE_CACHE`; `undefined` if it keeps
 * none. Node.js makes a folder in it for each of its versions.
 */
export function compileCacheHere(): string | undefined {
  const folder = (module as CompileCache).getCompileCacheDir?.();
  return folder === undefined ? undefined : dirname(folder);
}

/** Has this thread keep what it compiles in `folder`, as its parent does: each thread has to ask for that by itself. */
export function keepCompiled(folder: string | undefined): void {
  if (folder !== undefined) (module as CompileCache).enableCompileCache?.(folder);
}
