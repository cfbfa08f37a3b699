import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { libraries } from './libraries.mjs';

interface Report {
  readonly libraries: Record<string, { functions: number; classes: number; kept: number[] }>;
  readonly calls: number;

  /** Calls that gave a value instead of throwing. */
  readonly answers: number;
  readonly skipped: readonly { name: string; reason: string }[];
  readonly differences: readonly { name: string; expected: string; actual: string }[];
}

const script = fileURLToPath(new URL('compare.mjs', import.meta.url));

async function compare(...args: string[]): Promise<Report> {
  const some = isFull ? [] : ['--some'];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...some, ...args], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as Report;
}

/** All libraries, half of them in each of two processes. */
async function compareAll(): Promise<Report> {
  const names = libraries.map(({ name }) => name);
  const halves = [0, 1].map((half) => names.filter((_, i) => i % 2 === half));
  const [first, second] = (await Promise.all(halves.map(async (half) => compare(...half)))) as [Report, Report];
  return {
    libraries: { ...first.libraries, ...second.libraries },
    calls: first.calls + second.calls,
    answers: first.answers + second.answers,
    skipped: [...first.skipped, ...second.skipped],
    differences: [...first.differences, ...second.differences],
  };
}

describe('the slice of one exported function of a library', () => {
  let report: Report;

  beforeAll(async () => {
    report = await compareAll();
  }, 600_000);

  test('answers as the library does, or throws the same', () => {
    expect(report.differences).toEqual([]);
  });

  test('was made of enough functions and libraries, and most calls gave a value', () => {
    const totals = Object.values(report.libraries);
    const functions = totals.reduce((sum, library) => sum + library.functions, 0);

    expect(totals.filter((library) => library.functions > 0).length).toBeGreaterThanOrEqual(15);
    expect(functions).toBeGreaterThanOrEqual(isFull ? 500 : 45);
    expect(report.calls).toBeGreaterThanOrEqual(functions * 10);
    expect(report.answers).toBeGreaterThan(report.calls * 0.7);
  });

  test('leaves out what the function does not need', () => {
    const kept = Object.values(report.libraries).flatMap((library) => library.kept);

    // Where nothing can go, all functions need the same few declarations.
    expect(kept.reduce((sum, share) => sum + share, 0) / kept.length).toBeLessThan(0.65);
  });

  test('was not tried where answers cannot be compared', () => {
    const names = report.skipped.map(({ name }) => name.split('.'));

    for (const { reason } of report.skipped) expect(reason).toMatch(/worker threads|timers/);
    const timed = names.filter(([library]) => library === 'underscore').map(([, name]) => name);
    if (isFull) expect(timed).toEqual(['debounce', 'defer', 'delay', 'throttle']);
    else expect(['debounce', 'defer', 'delay', 'throttle']).toEqual(expect.arrayContaining(timed));
    expect(names.filter(([library]) => library !== 'underscore').every(([library]) => library === 'fflate')).toBe(true);
  });

  test('was tried on pinned versions', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };

    for (const { name } of libraries) expect(devDependencies[name]).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

test.runIf(isFull)(
  'the slice of a function differs without the rule that keeps what fills and configures',
  { timeout: 600_000 },
  async () => {
    const { differences } = await compare('--without-effects', 'underscore', 'immutable', 'katex', 'js-yaml', 'ini');

    expect(differences.length).toBeGreaterThan(20);
    expect(new Set(differences.map(({ name }) => name.split('.')[0])).size).toBeGreaterThan(1);
  },
);
