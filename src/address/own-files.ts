/**
 * Files of the library that are found by their paths. The paths stand in this module because it is as deep in `src` as the
 * chunks of the bundle are, so that they hold in both.
 * @module
 */

import { createRequire } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

type Slicer = typeof import('./view/worker-view.ts');
type Install = typeof import('./trap/install.ts');

// oxlint-disable no-restricted-globals -- file tracing knows only the global `URL`

/**
 * Imports the package, before CommonJS is run in a thread that may require it: Node.js 20 and 22 end the whole process if a
 * thread is terminated while a `require` instantiates ES modules, but not while these are imported.
 */
export async function importLibrary(): Promise<void> {
  await import(new URL('../index.js', import.meta.url).href);
}

/** The URLs and paths of the files that programs import, as ES modules or CommonJS, whose functions wrap others. */
export function importedFiles(): string[] {
  try {
    const urls = [new URL('../index.js', import.meta.url), new URL('../objects/index.js', import.meta.url)];
    const texts = urls.flatMap(({ href }) => [href, href.replace(/js$/, 'cjs')]);
    return texts.flatMap((text) => [text, fileURLToPath(text)]);
  } catch {
    // In a bundle of the library there may be no such URL.
    return [];
  }
}

/** How the module at `url` names `files`, those of them that are paths, relative to its own folder. */
export function relativeTo(url: string, files: readonly string[]): string[] {
  if (!url.startsWith('file:')) return [];
  const folder = dirname(fileURLToPath(url));
  const paths = files.filter((file) => file.startsWith('/') || /^[a-z]:\\/i.test(file));
  const sources = paths.map((path) => relative(folder, path).replaceAll('\\', '/'));
  return sources.map((source) => (source.startsWith('../') ? source : `./${source}`));
}

/** The hooks for Node.js without `registerHooks` that load the worker view of a module. */
export function viewHooksUrl(): URL {
  return new URL('../address/load/view-hook-thread.js', import.meta.url);
}

/** The hooks for Node.js without `registerHooks` that load TypeScript. */
export function transformHooksUrl(): URL {
  return new URL('../address/load/transform-hook-thread.js', import.meta.url);
}

/** Loads what makes worker views, synchronously, as hooks have to. */
export function requireSlicer(): Slicer {
  return createRequire(import.meta.url)('../address/view/worker-view.js') as Slicer;
}

/** Loads the traps, synchronously. */
export function requireTraps(): Install {
  return createRequire(import.meta.url)('../address/trap/install.js') as Install;
}
