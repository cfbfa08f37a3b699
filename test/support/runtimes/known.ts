/** Finds the known differences that a test is about. @module */

import { differences } from './differences.ts';
import type { Difference } from './differences.ts';
import type { Runtime } from './runtime.ts';

/**
 * The known difference for which the test `name` fails under `runtime`. `name` is the path of its file in `test/` and its
 * titles, joined by ` > `.
 */
export function knownDifference(runtime: Runtime | undefined, name: string): Difference | undefined {
  if (runtime === undefined) return undefined;
  return differences.find(({ on, tests }) => on.includes(runtime) && tests.some((pattern) => covers(pattern, name)));
}

/** Files that are not even loaded under `runtime`, as patterns of paths in `test/`. */
export function unloadedFiles(runtime: Runtime | undefined): string[] {
  if (runtime === undefined) return [];
  return differences
    .filter(({ on, isLoaded }) => on.includes(runtime) && isLoaded === false)
    .flatMap(({ tests }) => tests.map((pattern) => (pattern.endsWith('/') ? `${pattern}**` : pattern)));
}

/** A folder with `/` at its end; a file or group of tests, or one test; or the beginning of a name with `*` at its end. */
function covers(pattern: string, name: string): boolean {
  if (pattern.endsWith('/')) return name.startsWith(pattern);
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern || name.startsWith(`${pattern} > `);
}
