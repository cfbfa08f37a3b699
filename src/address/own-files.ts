/**
 * Files of the library that are found by their paths. The paths stand in this module because it is as deep in `src` as the
 * chunks of the bundle are, so that they hold in both.
 * @module
 */

import { createRequire } from 'node:module';

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

/** The URLs of the files that programs import, as ES modules or CommonJS, whose functions wrap others. */
export function importedFiles(): string[] {
  try {
    const urls = [new URL('../index.js', import.meta.url), new URL('../objects/index.js', import.meta.url)];
    return urls.flatMap(({ href }) => [href, href.replace(/js$/, 'cjs')]);
  } catch {
    // In a bundle of the library there may be no such URL.
    return [];
  }
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
