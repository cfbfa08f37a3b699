import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DemoResult } from '../../dist/src/programs/demo/demo.js';
import { digestFile } from '../../dist/src/programs/demo/facts.js';

const home = resolve(import.meta.dirname, '../..');
const main = join(home, 'dist/lib/src/programs/cli/main.js');

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

function start(...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line until the process has exited by itself. */
async function offloop(...args: string[]): Promise<Outcome> {
  const child = start(...args);
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { code: code as number | null, stdout, stderr };
}

describe('offloop demo', () => {
  test('does all files off the loop, in other threads, and finds what the main thread finds', async () => {
    const paths = [
      put('one.txt', 'red blue red\n'.repeat(500)),
      put('deep/two.txt', 'blue green\n'.repeat(700)),
      put('deep/er/copy.txt', 'red blue red\n'.repeat(500)),
      put('deep/random.bin', randomBytes(5000)),
      put('empty', ''),
    ];
    symlinkSync(folder, join(folder, 'deep/link'));

    const { code, stdout, stderr } = await offloop('demo', folder, '--json', '--threads', '2');
    const { found, chosen, main, offLoop, findings, failures } = JSON.parse(stdout) as DemoResult;
    const facts = paths.map(digestFile);
    const sum = (key: 'bytes' | 'compressed' | 'words'): number => facts.reduce((total, one) => total + one[key], 0);

    expect({ code, stderr, failures }).toEqual({ code: 0, stderr: '', failures: [] });
    expect(found).toEqual({ files: 5, bytes: sum('bytes') });
    expect(chosen).toEqual(found);
    expect(offLoop).toMatchObject(found);
    expect(main).toMatchObject({ ...found, threadIds: [0] });
    expect(offLoop.threadIds.length).toBeGreaterThan(0);
    expect(offLoop.threadIds).not.toContain(0);
    expect(offLoop.delay.turns).toBeGreaterThan(0);
    expect(findings).toMatchObject({ compressed: sum('compressed'), copies: 1, words: 1500 + 1400 + 1500 });
    expect(findings.topWords).toEqual([
      ['red', 2000],
      ['blue', 1700],
      ['green', 700],
    ]);
    expect(findings.mostCompressible.map(({ path }) => path)).toContain(paths[1]);
  });

  test('prints tables, a chart and its progress line by line where there is no terminal', async () => {
    put('a.txt', 'word '.repeat(150));

    const { code, stdout, stderr } = await offloop('demo', folder);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 of 1 file, 750 bytes, in /u);
    expect(stdout).toMatch(/^throughput +\S+ \S+\/s +\S+ \S+\/s$/mu);
    expect(stdout).toMatch(/× as fast per byte.* in 1 other thread$/mu);
    expect(stdout).toMatch(/^ .*\d ms  .*[█-▏] \d/mu);
    expect(stdout).toContain('most often word (150)');
    expect(stderr).toMatch(/^main thread  100% of 750 bytes, 1 of 1 file$/mu);
    expect(stderr).toMatch(/^off the loop 100% of 750 bytes, 1 of 1 file$/mu);
    // oxlint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/\u001B/u);
  });

  test('takes a file for a folder of one', async () => {
    const { code, stdout } = await offloop('demo', put('alone.txt', 'some words'), '--json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ offLoop: { files: 1, bytes: 10 }, findings: { words: 2 } });
  });

  test('does no more files than asked for', async () => {
    for (let index = 0; index < 9; index += 1) put(`${index}`, `${index}`);

    const { stdout } = await offloop('demo', folder, '--json', '--files', '3');

    expect(JSON.parse(stdout)).toMatchObject({ found: { files: 9 }, chosen: { files: 3 }, offLoop: { files: 3 } });
  });

  test('says so if there are no files', async () => {
    mkdirSync(join(folder, 'empty'));

    expect(await offloop('demo', folder)).toEqual({ code: 0, stdout: `No files in ${folder}\n`, stderr: '' });
  });

  // A regular file by its looks, and not even root can read its beginning.
  test.runIf(process.platform === 'linux')('names a file that cannot be read, and exits with 0', async () => {
    const { code, stdout } = await offloop('demo', '/proc/self/mem', '--json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      offLoop: { files: 0 },
      failures: [{ path: '/proc/self/mem', code: 'EIO' }],
    });
  });

  test('refuses a path that does not exist, in one line', async () => {
    const { code, stdout, stderr } = await offloop('demo', join(folder, 'nowhere'));

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^offloop: ENOENT: .*nowhere'\n$/u);
  });

  test.each([
    ['SIGINT', 'off the loop', 130],
    ['SIGTERM', 'off the loop', 143],
    ['SIGINT', 'main thread', 130],
  ] as const)('stops at %s %s with a word on how far it got', async (signalName, phase, expected) => {
    const content = randomBytes(150_000).toString('hex');
    for (let index = 0; index < 40; index += 1) put(`${index}.txt`, `${index}${content}`);

    const child = start('demo', folder);
    const closed = once(child, 'close');
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (data: string) => {
      const before = stderr;
      stderr += data;
      if (stderr.includes(phase) && !before.includes(phase)) child.kill(signalName);
    });
    const stdout = text(child.stdout);
    const [code] = await closed;

    expect({ code, stdout: await stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(new RegExp(`\nStopped by ${signalName}: \\d+ of \\d+ files done, ${phase}\n$`, 'u'));
    expect(stderr).not.toMatch(/^ +at /mu);
  });
});

describe('offloop', () => {
  test.each(['--version', 'version'])('prints the version at %s', async (command) => {
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };

    expect(await offloop(command)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('prints help', async () => {
    const { code, stdout, stderr } = await offloop('--help');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: offloop <command>/u);
  });

  test('refuses what it does not know, in one line, with 2', async () => {
    expect(await offloop('fly')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'offloop: Unknown command: fly (see "offloop help")\n',
    });
  });
});
