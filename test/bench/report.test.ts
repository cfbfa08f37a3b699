/** The tables, the numbers and the charts of the benchmarks. @module */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takingPart } from '../../bench/contestants.mjs';
import { opener } from '../../bench/opener.mjs';
import { groups } from '../../bench/rows/index.mjs';
import { report } from '../../bench/report.mjs';
import { save } from '../../bench/save.mjs';
import { isTie, quartiles } from '../../bench/statistics.mjs';
import { summary } from '../../bench/summary.mjs';
import { judge, standing } from '../../bench/targets.mjs';
import { results, row } from './results.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offloop-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A row with what the runner finds about who is ahead. */
function compared(offloop: number, more: object = {}): { readonly contestants: object[] } {
  const one = row(offloop, more) as { contestants: object[] };
  return { ...one, standing: standing(one.contestants) } as never;
}

describe('a contestant', () => {
  test('is opened once for the rows of its group, which give it the same options', () => {
    const open = (...contestants: object[]): unknown =>
      opener('one', { rows: contestants.map((one) => ({ contestants: [{ name: 'one', ...one }] })) });

    expect(open({ peer: 'bare' }, { peer: 'bare' })).toBeInstanceOf(Function);
    expect(() => open({ peer: 'bare' }, { peer: 'bare', threads: 1 })).toThrow('different options');
    for (const group of groups)
      for (const { name } of group.rows.flatMap(takingPart)) expect(opener(name, group)).toBeInstanceOf(Function);
  });
});

describe('statistics', () => {
  test('quartiles are those of the sorted numbers, between two where there is none', () => {
    expect(quartiles([4, 1, 3, 2, 5])).toEqual({ low: 2, middle: 3, high: 4 });
    expect(quartiles([1, 2])).toEqual({ low: 1.25, middle: 1.5, high: 1.75 });
  });

  test('a tie is where the middle halves overlap', () => {
    expect(isTie({ low: 1, high: 3 }, { low: 3, high: 5 })).toBe(true);
    expect(isTie({ low: 1, high: 2.9 }, { low: 3, high: 5 })).toBe(false);
  });
});

describe('who is ahead', () => {
  test.each([
    [5, 'ahead', 'offloop is ahead: 0.13 × the best peer, bare worker_threads.'],
    [80, 'behind', 'bare worker_threads is ahead: offloop takes 2.00 × as much.'],
    [42, 'tie', 'a tie with bare worker_threads: 1.05 ×, within the quartiles.'],
  ])('with a median of %s offloop is %s', (median, is, words) => {
    const one = compared(median);

    expect(one).toMatchObject({ standing: { is, peer: 'bare worker_threads' } });
    expect(summary({ rows: [one] })).toContain(`- Small call: ${words}`);
  });

  test.each([
    [{ against: 'best peer', most: 0.3 }, 10, true],
    [{ against: 'best peer', most: 0.3 }, 13, false],
    [{ against: 'best library', most: 0.2 }, 12, true],
    [{ against: 'on main', most: 2 }, 3, false],
    [{ most: 5, below: true }, 4, true],
    [{ most: 5, below: true }, 5, false],
    [{ least: 1.9 }, 1.9, true],
    [{ least: 1.9 }, 1.8, false],
    [{ against: 'best peer', equal: true }, 45, true],
    [{ against: 'best peer', equal: true }, 90, false],
  ])('target %o with a median of %s is met: %s', (target, median, met) => {
    expect(judge(target, compared(median).contestants as never)).toMatchObject({ met });
  });
});

describe('the report', () => {
  test('has the machine, a table of medians, and each row with its targets and failures', () => {
    const text: string = report(results({ Calls: [compared(5)] }));

    expect(text).toContain(
      '2 × Imaginary, Linux 6, Node.js v20.20.2; 2 threads each.\noffloop 0.1.0, piscina 5.3.2.\n',
    );
    expect(text).toMatch(/^\| median +\| small call, µs \|$/mu);
    expect(text).toMatch(/^\| piscina <&> +\| 60\.0 +\|$/mu);
    expect(text).toMatch(/^Calls, one after the other; 3 rounds; others kept the processors 25 % busy\.$/mu);
    expect(text).toMatch(
      /^\| bare worker_threads +\| 40\.0 +\| 36\.0–44\.0 +\| 1\.00 +\| 40\.0 +\| 12 right, off main \|$/mu,
    );
    expect(text).toMatch(/^\| broken +\| failed .*Answer 3 is wrong/mu);
    expect(text).toMatch(/^\| median ÷ best peer \| 0\.13 +\| at most 0\.3 \| yes \|$/mu);
    expect(text).toMatch(/^1 of 1 targets met\.$/mu);
  });

  test('of a quick run has no targets, and ends with one screen that says who is ahead', () => {
    const groups = { Calls: [compared(5), compared(60)], Bytes: [compared(42)], Idle: [row(5)] };
    const text: string = report({ ...results(groups), quick: true });
    const screen = text.slice(text.indexOf('## Who is ahead'));

    expect(text).not.toContain('target');
    expect(screen).toMatch(/^\| Calls +\| 1 +\| 0 +\| 1 +\| 0\.13–1\.50 +\| bare worker_threads +\|$/mu);
    expect(screen).toMatch(/^\| Bytes +\| 0 +\| 1 +\| 0 +\| 1\.05 +\| bare worker_threads +\|$/mu);
    expect(screen).not.toContain('Idle');
    expect(screen).toMatch(/^offloop is ahead in 1 of 3 rows, level in 1, behind in 1\.$/mu);
  });

  test.each([
    ['is ahead', () => 5],
    ['is behind', () => 80],
    ['is ahead in every other group', (index: number) => (index % 2 === 0 ? 80 : 5)],
  ])('of a quick run of all rows ends with a screen of 24 lines and 100 columns where offloop %s', (_, takes) => {
    const all = groups.map(({ title, rows }, index) => [title, rows.map(() => compared(takes(index)))] as const);
    const text: string = report({ ...results(Object.fromEntries(all)), quick: true });
    const lines = text.slice(text.indexOf('## Who is ahead')).trimEnd().split('\n');

    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(groups.filter(({ title }) => !lines.join(' ').includes(title))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^offloop is ahead in \d+ of \d+ rows, level in 0, behind in \d+\.$/u);
  });

  test('does not show another figure where the row has none', () => {
    expect(report(results({ Calls: [compared(5)] }))).not.toContain('one thread |');
    expect(report(results({ Calls: [compared(5, { sideUnit: '× one thread' })] }))).toContain('| × one thread |');
  });
});

describe('save', () => {
  test('writes tables, numbers and a chart a group, side by side for each major version of Node.js', async () => {
    const groups = { Calls: [compared(5)], 'Real work': [compared(80), compared(0.02)] };
    const paths = await save(results(groups), folder);
    await save(results(groups, 'v24.1.0'), folder);

    const names = ['node-20.md', 'node-20.json', 'calls-node-20.svg', 'real-work-node-20.svg'];
    expect(paths).toEqual(names.map((name) => join(folder, name)));
    expect(readdirSync(folder).sort()).toEqual([...names, ...names.map((name) => name.replace('20', '24'))].sort());
    const text = readFileSync(join(folder, 'node-20.md'), 'utf8');
    expect(text).toMatch(/^# What it costs\n/u);
    expect(text).toContain('## Real work\n\n![Real work: medians and quartiles](real-work-node-20.svg)\n');
  });

  test('keeps every figure with its quartiles in the JSON', async () => {
    await save(results({ Calls: [compared(5)] }), folder);

    const read = JSON.parse(readFileSync(join(folder, 'node-20.json'), 'utf8')) as object;
    expect(read).toMatchObject({
      machine: { processor: 'Imaginary', node: 'v20.20.2', packages: { piscina: '5.3.2' } },
      groups: [
        { title: 'Calls', rows: [{ rounds: 3, contestants: { 4: { name: 'offloop', figure: { middle: 5 } } } }] },
      ],
    });
  });

  test('draws each contestant that has figures, logarithmically where they are far apart', async () => {
    await save(
      results({ Near: [compared(38, { contestants: compared(38).contestants.slice(1) })], Far: [compared(5)] }),
      folder,
    );
    const near = readFileSync(join(folder, 'near-node-20.svg'), 'utf8');
    const far = readFileSync(join(folder, 'far-node-20.svg'), 'utf8');

    expect(far).toMatch(/^<svg .*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\n$/u);
    expect(far).toContain('>Small call, µs<');
    for (const name of ['bare worker_threads', 'piscina &lt;&amp;&gt;', 'offloop']) expect(far).toContain(`>${name}<`);
    expect(far).not.toContain('>broken<');
    expect(far).toContain('>logarithmic<');
    expect(near).not.toContain('>logarithmic<');
  });
});
