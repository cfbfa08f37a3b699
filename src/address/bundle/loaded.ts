/** Lists the chunks and runtimes of a bundler that the main thread has required. @module */

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

interface Chunk {
  readonly ids?: unknown;
  readonly modules?: unknown;
}

/** The files of bundles that this thread has evaluated without the start of the program. */
export const compiled: Set<string> = new Set();

/** The paths of the chunks and runtimes in the cache of `require`, in the order in which they were loaded. */
export function loadedParts(): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.entries(cache).flatMap(([path, module]) => (module && isPart(module.exports) ? path : []));
}

/** The paths of all files below the folders of the runtimes: chunks of Next.js export what the page in them does. */
export function besideRuntimes(): string[] {
  const { cache } = createRequire(import.meta.url);
  const folders = Object.entries(cache).flatMap(([path, module]) =>
    module && isRuntime(module.exports) ? dirname(path) + sep : [],
  );
  return Object.keys(cache).filter((path) => folders.some((folder) => path.startsWith(folder)));
}

function isPart(exports: unknown): boolean {
  if (Array.isArray(exports)) return isTable(exports);
  if (isRuntime(exports)) return true;
  const { ids, modules } = Object(exports) as Chunk;
  return Array.isArray(ids) && typeof modules === 'object';
}

/** Whether `value` is the `require` function of webpack's runtime, which has all module functions. */
export function isRuntime(value: unknown): value is { readonly m: Record<string, unknown> } {
  return typeof value === 'function' && typeof (value as { m?: unknown }).m === 'object' && 'o' in value;
}

/** Whether `list` is a chunk of Turbopack: ids, and the functions of the modules with these ids. */
export function isTable(list: readonly unknown[]): boolean {
  return (
    list.length > 1 &&
    list.every((it) => /^(?:number|string|function)$/.test(typeof it)) &&
    typeof list.at(-1) === 'function'
  );
}
