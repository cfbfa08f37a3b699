/** The page about Bun and Deno says what the list of known differences and the last counts say. @module */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pageAt } from './documents.ts';
import { root } from './run.ts';
import { areas } from './runtimes/areas.ts';
import counts from './runtimes/counts.json' with { type: 'json' };
import { differences } from './runtimes/differences.ts';
import { knownDifference, outdatedPatterns } from './runtimes/known.ts';
import { countRows, differenceRows, tableOf } from './runtimes/table.ts';

describe('docs/bun-and-deno.md', () => {
  const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
  const page = plain(pageAt('docs/bun-and-deno.md').text);

  test('has the counts of the last run', () => {
    expect(page).toContain(tableOf(countRows(counts)));
  });

  test('has each known difference', () => {
    expect(page).toContain(tableOf(differenceRows()));
  });
});

describe('the list of known differences', () => {
  test('names files and folders that exist, and tests that stand there', () => {
    const patterns = differences.flatMap(({ tests }) => tests);
    const missing = patterns.filter((pattern) => {
      const [file = '', group] = pattern.split(' > ');
      const path = join(root, 'test', file);
      if (!existsSync(path)) return true;
      if (pattern.endsWith('*')) return false;
      return group !== undefined && !/[*$%]/.test(group) && !readFileSync(path, 'utf8').includes(group.slice(0, 30));
    });

    expect(missing).toEqual([]);
    expect(patterns.length).toBeGreaterThan(10);
  });

  test('is about folders of the areas', () => {
    const folders = Object.values(areas).flat() as string[];

    expect(folders.filter((folder) => !existsSync(join(root, 'test', folder)))).toEqual([]);
  });

  test('covers a test, a group of them and a file, and nothing that only begins alike', () => {
    const known = (name: string): boolean => knownDifference('bun', name) !== undefined;

    expect(known('address/trap.test.ts > a statement of a view > does anything')).toBe(true);
    expect(known('codec/walk/files.test.ts > a File > arrives')).toBe(true);
    expect(known('codec/walk/files.test.ts > a Filed thing')).toBe(false);
    expect(known('codec/errors.test.ts > an error > of a known class arrives with all')).toBe(true);
    expect(knownDifference('deno', 'codec/walk/files.test.ts > a File > arrives')).toBe(undefined);
  });

  test('is out of date where all that an entry covers passes, or there is nothing of it', () => {
    const isRun = (file: string): boolean => file === 'codec/walk/files.test.ts';
    const tests = (passed: boolean): { name: string; passed: boolean }[] => [
      { name: 'codec/walk/files.test.ts > a File > arrives', passed: true },
      { name: 'codec/walk/files.test.ts > a File > goes', passed },
    ];

    expect(outdatedPatterns('bun', tests(false), isRun)).toEqual([]);
    expect(outdatedPatterns('bun', tests(true), isRun)).toEqual(['codec/walk/files.test.ts > a File']);
    expect(outdatedPatterns('bun', [], isRun)).toEqual(['codec/walk/files.test.ts > a File']);
  });
});
