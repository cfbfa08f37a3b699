/** Makes the tables of `docs/bun-and-deno.md` from the counts of a run and from the list of known differences. @module */

import { areas } from './areas.ts';
import { differences } from './differences.ts';
import type { Runtime } from './runtime.ts';

/** What a run on one runtime counted; written by `.ci/runtimes.mjs --write`. */
export interface Counts {
  readonly version: string;
  readonly folders: Readonly<Record<string, { readonly passed: number; readonly left: number }>>;
}

const names: Readonly<Record<Runtime, string>> = { bun: 'Bun', deno: 'Deno' };

/** The rows of the table of counts: the tests of each area that pass, and those that are left out. */
export function countRows(counts: Readonly<Record<Runtime, Counts>>): string[][] {
  const cell = (runtime: Runtime, folders: readonly string[]): string => {
    const found = folders.flatMap((folder) => counts[runtime].folders[folder] ?? []);
    if (found.length === 0) return 'not counted';
    const sum = (key: 'passed' | 'left'): number => found.reduce((total, { [key]: count }) => total + count, 0);
    return `${sum('passed')} pass, ${sum('left')} left out`;
  };
  return [
    ['area', ...(['bun', 'deno'] as const).map((runtime) => `${names[runtime]} ${counts[runtime].version}`)],
    ...Object.entries(areas).map(([area, folders]) => [area, cell('bun', folders), cell('deno', folders)]),
  ];
}

/** The rows of the table of known differences. */
export function differenceRows(): string[][] {
  return [
    ['area', 'on', 'what', 'due to'],
    ...differences.map(({ on, area, what, due }) => [area, on.map((name) => names[name]).join(', '), what, due]),
  ];
}

/** A table of a document. */
export function tableOf([head = [], ...rows]: readonly string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
