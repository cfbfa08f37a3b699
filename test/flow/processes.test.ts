/** Flows as whole programs: when they end, and what signals of the operating system do. @module */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: string[];
}

/** Starts a program; calls `onFirst` when it has begun. */
async function start(name: string, onFirst: (child: ChildProcess) => void): Promise<Ended> {
  const child = spawn(process.execPath, [fixture(`flows/${name}`)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let hasBegun = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (hasBegun || !output.includes('begun')) return;
    hasBegun = true;
    onFirst(child);
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, lines: output.split('\n').filter(Boolean) });
    });
  });
}

describe('a program with a flow', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'drains at %s, which may come twice at once, and ends by itself',
    async (name) => {
      const ended = await start('draining.mjs', (child) => child.kill(name));

      expect(ended).toEqual({
        code: 0,
        signal: null,
        lines: ['begun 1', 'done 1', 'committed 1', 'exit hook', `ended by ${name}`],
      });
    },
  );

  test('is ended at once by the second signal', async () => {
    const ended = await start('stubborn.mjs', (child) => {
      child.stdout?.on('data', (text: string) => {
        if (text.includes('heard')) child.kill('SIGINT');
      });
      child.kill('SIGTERM');
    });

    expect(ended).toEqual({ code: null, signal: 'SIGINT', lines: ['begun', 'heard'] });
  });

  test('hears a signal while a source always has items', async () => {
    const ended = await start('spinning.mjs', (child) => child.kill('SIGINT'));

    expect(ended).toEqual({ code: 0, signal: null, lines: ['begun', 'ended by SIGINT'] });
  });

  test('may have its wrapped handlers in the file that runs it', async () => {
    const { code, lines, stderr } = await run(fixture('flows/whole.mjs'));

    expect({ code, stderr, lines: lines.toSorted() }).toEqual({ code: 0, stderr: '', lines: ['1', '2', '27', '8'] });
  });

  test('ends by itself, though it was to drain while exit hooks ran', async () => {
    const { code, lines, stderr } = await run(fixture('flows/late-drain.mjs'), { deadline: 30_000 });

    expect({ code, stderr, lines }).toEqual({ code: 0, stderr: '', lines: ['ended'] });
  });

  test('ends though an exit hook never does', async () => {
    const { code, lines, stderr } = await run(fixture('flows/late-hook.mjs'));

    expect({ code, stderr, lines }).toEqual({ code: 0, stderr: '', lines: ['ERR_OFFLOOP_TIMEOUT'] });
  });
});
