/** Results that are saved in parts, and the readme's table of them. @module */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { costs, partOf } from '../../bench/readme.mjs';
import { save } from '../../bench/save.mjs';
import { results, row } from './results.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offloop-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const groups = [
  { title: 'Cold calls', rows: [{ name: 'first' }] },
  { title: 'Calls', rows: [{ name: 'small call' }, { name: 'large call' }] },
];
const saved = (): string => readFileSync(join(folder, 'node-20.md'), 'utf8');

interface Saved {
  readonly groups: readonly { readonly title: string; readonly rows: readonly { readonly name: string }[] }[];
}

describe('a run of a part of the rows', () => {
  test('leaves the others in the folder, in the order of all rows, but for those that are no more', async () => {
    const old = [row(5), row(6, { name: 'large call' }), row(7, { name: 'gone' })];
    await save(results({ Calls: old, Gone: [row(1)] }), folder, groups);
    await save(results({ 'Cold calls': [row(8, { name: 'first' })] }), folder, groups);
    await save(results({ Calls: [row(9)] }), folder, groups);

    const { groups: found } = JSON.parse(readFileSync(join(folder, 'node-20.json'), 'utf8')) as Saved;
    expect(found.map(({ title, rows }) => [title, ...rows.map(({ name }) => name)])).toEqual([
      ['Cold calls', 'first'],
      ['Calls', 'small call', 'large call'],
    ]);
    expect(saved()).toMatch(/^\| offloop +\| 9\.00 +\| 6\.00 +\|$/mu);
    expect(saved()).not.toContain(' on 2 × ');
  });

  test('tells of rows of another machine or of a quick run, which have no targets', async () => {
    const other = results({ Calls: [row(5)] }) as { machine: object };
    await save({ ...other, machine: { ...other.machine, processor: 'Other' } }, folder, groups);
    const cold = results({ 'Cold calls': [row(8, { name: 'first' })] });
    await save({ ...cold, quick: true }, folder, groups);

    expect(saved()).toContain('3 rounds on 2 × Other, Linux 6, Node.js v20.20.2; others');
    expect(saved()).toContain('3 rounds of a quick run; others');
    expect(saved().match(/\| measured \|/gu)).toHaveLength(1);
  });
});

describe("the readme's table", () => {
  test('is that of the saved results: node bench/readme.mjs writes it', () => {
    const file = new URL('../../bench/results/node-20.json', import.meta.url);
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

    expect(partOf(readme)).toBe(costs(JSON.parse(readFileSync(file, 'utf8'))));
  });

  test('has first calls beside those of a loop, the best of the others, and how a row was measured', () => {
    const cold = { name: 'a call each 5 ms', sideUnit: 'p99, µs', quick: true };
    const made = results({ 'Cold calls': [row(30, cold)], Calls: [row(5, { name: 'small call in series' })] });
    const text: string = costs(made as never);

    expect(text).toMatch(/^\| a small call, in series, .* \| 5\.00 µs \| 40\.0 µs +\| 60\.0 µs, piscina <&> \|$/mu);
    expect(text).toMatch(/^\| a call each 5 ms \\\* +\| 30\.0 µs \| 40\.0 µs/mu);
    // The row has no such figure.
    expect(text).not.toContain('99th');
    expect(text).toMatch(/^\\\* Fewer and shorter rounds\.$/mu);
  });
});
