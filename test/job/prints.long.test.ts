/** The output of threads arrives completely and in order, however calls, threads and the process end. @module */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cases } from '../support/full.ts';
import { folderFor } from '../support/project.ts';
import { fixture, run } from '../support/run.ts';
import type { Ran } from '../support/run.ts';

const program = fixture('exits/printing/program.mjs');
const printed = async (way: string): Promise<Ran> => run(program, { args: [way], deadline: 20_000 });
const lines = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name} ${i}`);

describe('what a call prints', () => {
  test('comes before its result, and after the results before', async () => {
    const expected = ['a', 'b', 'c'].flatMap((name) => [...lines(name, 3), `result ${name}`]);

    expect((await printed('results')).lines).toEqual(expected);
  });

  test('comes before its result where results share messages', async () => {
    const { lines: all } = await printed('batch');

    for (let i = 0; i < 20; i += 1) {
      const own = ['call', 'result of call'].flatMap((what) =>
        all.flatMap((line, at) => (line.startsWith(`${what} ${i} `) || line === `${what} ${i}` ? [at] : [])),
      );
      expect(own).toHaveLength(3);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
    expect(all.filter((line) => !line.startsWith('result'))).toEqual(
      Array.from({ length: 20 }, (_, i) => lines(`call ${i}`, 2)).flat(),
    );
  });

  test('keeps its own order beside that of a call in another thread', async () => {
    const { lines: all } = await printed('two');

    expect(all).toHaveLength(8);
    for (const name of ['a', 'b']) {
      expect(all.filter((line) => line.startsWith(name))).toEqual([...lines(name, 3), `${name} done`]);
    }
  });

  test('is in order with its callbacks', async () => {
    const expected = [0, 1, 2].flatMap((i) => [`printed ${i}`, `reported ${i}`]);

    expect((await printed('callbacks')).lines).toEqual(expected);
  });

  test('arrives in order if it is 10,000 lines', async () => {
    expect((await printed('many')).lines).toEqual([...lines('line', 10_000), 'result']);
  });

  test('arrives as bytes in whatever way it is written', async () => {
    const { stdout, stderr, code } = await printed('writes');
    const texts = [
      'callback',
      'hex',
      'caf\u00E9',
      'base64',
      'buffer',
      'bytes',
      '\u20AC',
      'corked',
      'ended',
      'called',
      '',
    ];

    expect(stdout.replace('\uFFFD', '\u00E9')).toBe(texts.join('\n'));
    expect({ stderr, code }).toEqual({ stderr: 'to stderr\ncomplained of 1\n', code: 0 });
  });

  test('in a thread of its own comes before the result', async () => {
    expect((await printed('separate')).lines).toEqual([...lines('apart', 3), 'result apart']);
  });

  test('in a thread that a thread has asked for is in order with what that one prints', async () => {
    expect((await printed('within')).lines).toEqual(['before', ...lines('inner', 3), 'after', 'result inner']);
  });
});

describe('what was printed is not lost', () => {
  const ends: [string, string, string[], number][] = [
    ['the call is aborted while it spins', 'aborted', [...lines('spinning', 100), 'aborted', 'closed'], 0],
    ['the call exits', 'exits', [...lines('exiting', 3), 'exit code 3'], 0],
    ['the thread dies of an exception', 'crashes', [...lines('crashing', 3), 'late'], 0],
    ['the call throws', 'throws', [...lines('throwing', 3), 'thrown'], 0],
    [
      'a call in a thread of its own is aborted while it spins',
      'separateAborted',
      [...lines('apart', 3), 'aborted'],
      0,
    ],
    ['the pool is terminated', 'terminated', [...lines('spinning', 100), 'terminated'], 0],
    ['the process exits while the call spins', 'processExit', lines('spinning', 100), 6],
    ['an uncaught exception ends the process while the call spins', 'uncaught', lines('spinning', 100), 1],
  ];

  test.each(cases(ends, 4))('when %s', async (_, way, expected, code) => {
    const ran = await printed(way);

    expect(ran.lines.toSorted()).toEqual(expected.toSorted());
    expect(ran.lines.slice(0, -2)).toEqual(expected.slice(0, -2));
    expect({ code: ran.code, signal: ran.signal }).toEqual({ code, signal: null });
    if (way === 'uncaught') expect(ran.stderr).toContain('of main');
    else expect(ran.stderr).toBe('');
  });

  // Into a pipe, Node.js writes later than it says, and forgets the rest when it exits.
  test('when the process exits right after the result, and prints into a file', async () => {
    const path = join(folderFor('prints'), 'stdout.txt');
    const file = openSync(path, 'w');
    const child = spawn(process.execPath, [program, 'manyAndExit'], { stdio: ['ignore', file, 'inherit'] });
    const [code] = (await once(child, 'close')) as [number];
    closeSync(file);

    expect(code).toBe(5);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toEqual(lines('line', 10_000));
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('when %s ends the process while calls run, at once', async (name) => {
    const child = spawn(process.execPath, [program, 'spins'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        // The last line of both.
        if (text.includes('spinning 99\n') && text.includes('napping 1\n')) resolve();
      });
    });
    child.kill(name);

    expect(await ended).toEqual({ code: null, signal: name });
    expect(text.split('\n').filter((line) => line.startsWith('spinning'))).toEqual(lines('spinning', 100));
  });
});
