/**
 * Files of the library that are found by their paths. The paths stand in this module because it is as deep in `src` as the
 * chunks of the bundle are, so that they hold in both.
 * @module
 */

import { createRequire } from 'node:module';

type Slicer = typeof import('./view/worker-view.ts');
type Install = typeof import('./trap/install.ts');

// oxlint-disable no-restricted-globals -- file tracing knows only the global `URL`

/** The package itself. */
export function libraryUrl(): URL {
  return new URL('../index.js', import.meta.url);
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
