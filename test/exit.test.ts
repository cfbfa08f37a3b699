/** When a process that uses the library ends: by itself once nothing is pending, and not before. @module */

import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { fixture, run } from './support/run.ts';

const uncaught = `import { threaded } from 'offloop'; threaded(5);`;

describe('a process', () => {
  test.each([
    ['that has used a pool', 'used.mjs', ['2 [ 3, 4, 5 ]']],
    ['with a call pending, after that', 'pending.mjs', ['slept']],
    ['that has used threads of their own', 'separate.mjs', ['2 3']],
    ['with a detached call pending', 'detached.mjs', ['main is done']],
    ['with a detached iterator pending', 'detached-iterator.mjs', ['1', 'main is done']],
    ['whose call was aborted', 'aborted.mjs', ['aborted']],
    ['with a pool that nobody closed', 'idle-pool.mjs', ['2']],
    ['whose threads cannot start, after its calls', 'failed-start.mjs', ['ERR_OFFLOOP_BOOT', 'ERR_OFFLOOP_BOOT']],
  ])('%s ends by itself, with exit code 0', async (_, name, expected) => {
    const { code, signal, lines, stderr } = await run(fixture(`exits/${name}`), { deadline: 20_000 });

    expect({ code, signal, lines, stderr }).toEqual({ code: 0, signal: null, lines: expected, stderr: '' });
  });

  test('sees what a call printed before its result', async () => {
    const { lines, stderr } = await run(fixture('exits/prints.mjs'));

    expect(lines).toEqual(['printed 0', 'result 0', 'printed 1', 'result 1', 'printed 2', 'result 2']);
    expect(stderr).toBe('complained 0\ncomplained 1\ncomplained 2\n');
  });

  test('fails when nobody handles the rejection of a call', async () => {
    const { code, stderr } = await run(fixture('exits/unhandled.mjs'));

    expect(code).toBe(1);
    expect(stderr).toContain('nobody listens');
  });

  test('shows no more than a few lines of an error that nobody catches', async () => {
    const { code, stderr } = await run(undefined, { nodeArgs: ['--input-type=module', '--eval', uncaught] });

    expect(code).toBe(1);
    expect(stderr).toContain('ERR_OFFLOOP_ARGUMENT');
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(500);
  });

  test('ends at once when it says so, whatever its threads do', async () => {
    expect((await run(fixture('exits/process-exit.mjs'), { deadline: 20_000 })).code).toBe(4);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends at once on %s, whatever its threads do', async (name) => {
    const child = spawn(process.execPath, [fixture('exits/spinning.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill(name);

    expect(await ended).toBe(name);
  });
});
