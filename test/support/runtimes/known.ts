/** Finds the known differences that a test is about. @module */

import { differences } from './differences.ts';
import type { Difference } from './differences.ts';
import type { Runtime } from './runtime.ts';

/**
 * The known difference for which the test `name` is left out under `runtime`. `name` is the path of its file in `test/` and
 * its titles, joined by ` > `.
 */
export function knownDifference(runtime: Runtime, name: string): Difference | undefined {
  return differencesOf(runtime).find(({ tests }) => tests.some((pattern) => covers(pattern, name)));
}

/** Files that are not even loaded under `runtime`, as patterns of paths in `test/`. */
export function unloadedFiles(runtime: Runtime | undefined): string[] {
  if (runtime === undefined) return [];
  return differencesOf(runtime)
    .filter(({ isLoaded }) => isLoaded === false)
    .flatMap(({ tests }) => tests.map((pattern) => (pattern.endsWith('/') ? `${pattern}**` : pattern)));
}

/**
 * The patterns of known differences of `runtime` of which all of `tests` passed, or none was run. `isRun` says whether a
 * file was among those that were run.
 */
export function outdatedPatterns(
  runtime: Runtime,
  tests: readonly { readonly name: string; readonly passed: boolean }[],
  isRun: (file: string) => boolean,
): string[] {
  return differencesOf(runtime)
    .filter(({ isLoaded, isSteady }) => isLoaded !== false && isSteady !== false)
    .flatMap((difference) => difference.tests)
    .filter((pattern) => isRun(pattern.split(' > ')[0] ?? ''))
    .filter((pattern) => tests.filter(({ name }) => covers(pattern, name)).every(({ passed }) => passed));
}

const differencesOf = (runtime: Runtime): readonly Difference[] => differences.filter(({ on }) => on.includes(runtime));

/** A folder with `/` at its end; a file, a group of tests or one test; or the beginning of a name with `*` at its end. */
function covers(pattern: string, name: string): boolean {
  if (pattern.endsWith('/')) return name.startsWith(pattern);
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern || name.startsWith(`${pattern} > `);
}
