import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCommand, UsageError } from '../../dist/src/programs/cli/args.js';
import { delayChart } from '../../dist/src/programs/demo/chart.js';
import { watchLoop } from '../../dist/src/programs/demo/delay.js';
import { digestFile } from '../../dist/src/programs/demo/facts.js';
import { runPhase } from '../../dist/src/programs/demo/phase.js';
import { spread } from '../../dist/src/programs/demo/sample.js';
import { Tally } from '../../dist/src/programs/demo/tally.js';
import { walk } from '../../dist/src/programs/demo/walk.js';
import { bytes, printable } from '../../dist/src/programs/demo/wording.js';

const signal = new AbortController().signal;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offloop-demo-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Writes a file below the test's folder. */
function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The items of an async iterable; `Array.fromAsync` is not in Node 20. */
async function list<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('walk', () => {
  test('finds the files of all folders in the order of their names', async () => {
    const paths = [put('a/1', 'x'), put('a/b/2', 'xy'), put('a/c', ''), put('b', 'xyz')];

    expect(await list(walk(folder))).toEqual([1, 2, 0, 3].map((size, index) => ({ path: paths[index], size })));
  });

  test('takes a file for itself', async () => {
    const path = put('alone', 'x');

    expect(await list(walk(path))).toEqual([{ path, size: 1 }]);
  });

  test('follows a symbolic link that it is given', async () => {
    put('real/file', 'x');
    const link = join(folder, 'link');
    symlinkSync(join(folder, 'real'), link);

    expect(await list(walk(link))).toEqual([{ path: join(link, 'file'), size: 1 }]);
  });

  test('does not follow symbolic links on its way', async () => {
    const path = put('a/real', 'x');
    symlinkSync(folder, join(folder, 'a/loop'));
    symlinkSync(path, join(folder, 'link'));
    symlinkSync('/nowhere', join(folder, 'dangling'));

    expect(await list(walk(folder))).toEqual([{ path, size: 1 }]);
  });

  test('reports what vanished and goes on', async () => {
    const vanishing = put('b', 'x');
    const stays = put('c', 'x');
    put('a', 'x');
    const failures: unknown[] = [];
    const found: string[] = [];

    for await (const { path } of walk(folder, { onFailure: (path, error) => failures.push([path, error]) })) {
      if (found.length === 0) unlinkSync(vanishing);
      found.push(path);
    }

    expect(found).toEqual([join(folder, 'a'), stays]);
    expect(failures).toEqual([[vanishing, expect.objectContaining({ code: 'ENOENT' })]]);
  });
});

describe('spread', () => {
  test.each([1, 2, 3, 7, 99, 100])('picks %s of a hundred, all different and in order', (count) => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    const picked = spread(items, count);

    expect(picked).toHaveLength(count);
    expect(picked).toEqual([...new Set(picked)].sort((a, b) => a - b));
  });

  test('picks from the middle of equal stretches', () => {
    expect(spread([0, 1, 2, 3, 4, 5], 2)).toEqual([1, 4]);
  });
});

describe('digestFile', () => {
  test('hashes, compresses and counts the words of a text', () => {
    const content = 'Über Wasser\nwasser, über; an WASSER\n';
    const facts = digestFile(put('text', content));

    expect(facts).toMatchObject({
      bytes: Buffer.byteLength(content),
      sha256: createHash('sha256').update(content).digest('hex'),
      words: 5,
      topWords: [
        ['wasser', 3],
        ['über', 2],
      ],
    });
    expect(facts.compressed).toBeGreaterThan(0);
  });

  test('counts no words in binary files and in lines of data', () => {
    expect(digestFile(put('binary', 'word\0word')).words).toBe(0);
    expect(digestFile(put('map', `few words\n${'data,'.repeat(1000)}`)).words).toBe(2);
  });
});

describe('watchLoop', () => {
  test('sees how long a turn was blocked', async () => {
    const watch = await watchLoop();
    const blocked = performance.now() + 60;
    while (performance.now() < blocked);
    await new Promise((resolve) => setTimeout(resolve));
    const { p50, p99, max, turns, bands } = watch.stop();

    expect(max).toBeGreaterThan(50);
    expect(p99).toBeGreaterThan(50);
    expect(p50).toBeLessThanOrEqual(p99);
    expect(turns).toBeGreaterThan(0);
    expect(bands.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });
});

describe('delayChart', () => {
  const delay = (...shares: number[]) => ({
    p50: 0,
    p99: 0,
    max: 0,
    turns: 1,
    bands: [0, 1, 2, 5].map((from, index) => ({ from, share: shares[index] ?? 0 })),
  });

  test('draws the bands that any column has a share of', () => {
    const lines = delayChart([
      { title: 'blocked', delay: delay(0, 0, 0.5, 0.5) },
      { title: 'free', delay: delay(0, 0.9999, 0.0001) },
    ]);

    expect(lines.map((line) => line.trim().replaceAll(/ {3,}/gu, ' | '))).toEqual([
      'blocked | free',
      '1–2 ms | ████████████████████ 100.0 %',
      '2–5 ms  ██████████ 50.0 % | ▏ <0.1 %',
      '5 ms or more  ██████████ 50.0 %',
    ]);
  });

  test('draws nothing if nothing was timed', () => {
    expect(delayChart([{ title: 'idle', delay: { ...delay(), bands: [] } }])).toEqual([]);
  });
});

describe('Tally', () => {
  test('adds up, and ranks files by how far they shrink', () => {
    const tally = new Tally();
    for (let index = 1; index <= 7; index += 1) {
      const rest = { sha256: `${index}`, words: 2, topWords: [['word', 2]] as const, thread: 1 };
      tally.add({ path: `${index}`, bytes: 2000, compressed: index * 100, ...rest });
    }
    tally.add({ path: 'copy', bytes: 2000, compressed: 1, sha256: '1', words: 0, topWords: [], thread: 1 });
    tally.add({ path: 'tiny', bytes: 10, compressed: 1, sha256: 'tiny', words: 1, topWords: [['less', 1]], thread: 1 });

    const findings = tally.findings();
    expect(findings).toMatchObject({ bytes: 16010, compressed: 2802, copies: 1, words: 15 });
    expect(findings.topWords).toEqual([
      ['word', 14],
      ['less', 1],
    ]);
    expect(findings.mostCompressible.map(({ path }) => path)).toEqual(['1', '2', '3', '4', '5']);
  });
});

describe('runPhase', () => {
  const files = ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path, size: 1 }));
  const facts = { bytes: 1, sha256: '', compressed: 1, words: 0, topWords: [], thread: 7 };

  test('counts and names the files that fail, and goes on', async () => {
    const over: string[] = [];
    const result = await runPhase(files, {
      digest: async (path) => {
        if (path === 'b') throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
        if (path === 'd') throw 'odd';
        return { path, ...facts };
      },
      concurrency: 2,
      signal,
      onFile: ({ path }) => over.push(path),
    });

    expect(result).toMatchObject({ files: 3, bytes: 3, threadIds: [7] });
    expect(result.failures).toEqual([
      { path: 'b', code: 'EACCES', message: 'EACCES: permission denied' },
      { path: 'd', code: undefined, message: 'odd' },
    ]);
    expect(over.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('has no more under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    await runPhase(files, {
      digest: async (path) => {
        most = Math.max(most, (underWay += 1));
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        return { path, ...facts };
      },
      concurrency: 2,
      signal,
    });

    expect(most).toBe(2);
  });

  test('ends before the next file once it is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('had a train to catch');
    const begun: string[] = [];
    const phase = runPhase(files, {
      digest: async (path) => {
        begun.push(path);
        if (path === 'b') controller.abort(reason);
        return { path, ...facts };
      },
      concurrency: 1,
      signal: controller.signal,
    });

    await expect(phase).rejects.toBe(reason);
    expect(begun).toEqual(['a', 'b']);
  });
});

describe('parseCommand', () => {
  test('reads the options of the demo', () => {
    expect(parseCommand(['demo', 'src', '--threads', '3', '--files=all', '--json'])).toEqual({
      name: 'demo',
      options: { path: 'src', threads: 3, files: Infinity, json: true },
    });
  });

  test('has a default for each of them', () => {
    expect(parseCommand(['demo'])).toEqual({
      name: 'demo',
      options: { path: undefined, threads: availableParallelism(), files: 5000, json: false },
    });
  });

  test.each([[], ['help'], ['--help'], ['demo', '--help'], ['demo', '-h']])('gives help for %j', (...args) => {
    expect(parseCommand(args)).toEqual({ name: 'help' });
  });

  test.each([
    ['fly'],
    ['--fly'],
    ['demo', '--fly'],
    ['demo', 'a', 'b'],
    ['demo', ''],
    ['demo', '--threads'],
    ['demo', '--threads', '0'],
    ['demo', '--threads', 'many'],
    ['demo', '--files', '1.5'],
  ])('refuses %j in one line', (...args) => {
    expect(() => parseCommand(args)).toThrow(UsageError);
    expect(() => parseCommand(args)).not.toThrow(/\n/u);
  });
});

describe('wording', () => {
  test.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_960, '1.0 MB'],
    [12_345_678, '12.3 MB'],
    [NaN, '–'],
  ])('tells %s bytes as %s', (size, words) => {
    expect(bytes(size)).toBe(words);
  });

  test('lets no control characters of a file name into the terminal', () => {
    expect(printable('a\u001B[2Jb\nc')).toBe('a?[2Jb?c');
  });
});
