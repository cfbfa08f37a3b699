/** The live demo as a user runs it: its page in a real browser, its end, and the package as it is installed. @module */

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseCommand } from '../../dist/src/programs/cli/args.js';
import { hasBrowser, openBrowser } from '../support/browser.ts';
import { isFull } from '../support/full.ts';
import { root } from '../support/run.ts';

const main = join(root, 'dist/lib/src/programs/cli/main.js');

interface Demo {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;

  /** The address of the page. */
  readonly address: string;

  /** What was printed until the address was. */
  readonly head: string;

  /** Its end, and what was printed after that. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; rest: string; stderr: string }>;
}

/** Starts `offloop demo live`, with a folder of its own for temporary files, and the commands in the folder `path`. */
async function start(
  args: readonly string[],
  { program = main, folder = temporary(), path = '/nowhere' } = {},
): Promise<Demo> {
  const child = spawn(process.execPath, [program, 'demo', 'live', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder, NODE_OPTIONS: '', PATH: path },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const stderr = text(child.stderr);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => (output += data));
  await Promise.race([exit, vi.waitUntil(() => /^(?:Ctrl-C|It ends).*\n/m.test(output), { timeout: 30_000 })]);
  const head = output;
  const address = /^The page: (.*)$/m.exec(head)?.[1] ?? '';
  const ended = (async () => {
    const [code, signal] = await exit;
    return { code, signal, rest: output.slice(head.length), stderr: await stderr };
  })();
  return { child, address, head, ended };
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The events that a page gets, until there are `enough` of each kind. */
async function eventsOf(address: string, enough: number): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${address}events`);
  const events: Record<string, unknown>[] = [];
  let rest = '';
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/m.exec(block) ?? [];
      if (data !== undefined) events.push({ event, ...(JSON.parse(data) as object) });
    }
    // A machine that is busy sends facts before there is a summary.
    if (['summary', 'facts'].every((kind) => events.filter(({ event }) => event === kind).length >= enough)) break;
  }
  return events;
}

describe('offloop demo live', () => {
  test('serves a page with data that moves, and ends with all of its sockets and files at SIGINT', async () => {
    const folder = temporary();
    const demo = await start([], { folder });
    const { address } = demo;

    const events = await eventsOf(address, 2);
    const summaries = events.filter(({ event }) => event === 'summary');
    for (const { room, readings, low, median, high } of summaries as Record<string, number>[]) {
      expect(['kitchen', 'bedroom', 'cellar', 'attic']).toContain(room);
      expect(readings).toBeGreaterThan(0);
      expect([low, median, high].toSorted((a = 0, b = 0) => a - b)).toEqual([low, median, high]);
    }
    const latest = async (): Promise<unknown> => (await fetch(`${address}latest`)).json();
    await vi.waitFor(async () => expect(await latest()).toHaveLength(4), { timeout: 20_000 });
    expect((await fetch(`${address}nothing`)).status).toBe(404);
    expect(readdirSync(folder)).toHaveLength(1);

    if (isFull && hasBrowser()) await lookAt(address);
    // A page that stays open does not hold up the end.
    const open = await fetch(`${address}events`);
    demo.child.kill('SIGINT');

    expect(await demo.ended).toEqual({
      code: 130,
      signal: null,
      rest: expect.stringMatching(/^Stopped by SIGINT: \d+ readings, \d+ summaries, .*\n$/) as string,
      stderr: '',
    });
    expect(await open.text()).toMatch(/\n\n$/);
    await expect(fetch(address)).rejects.toThrow('fetch failed');
    expect(readdirSync(folder)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'opens its page in a browser if that is asked for, where there is one',
    async () => {
      const path = temporary();
      const opened = join(path, 'opened');
      // The whole of it at once, for who looks.
      const script = `#!/bin/sh\necho "$@" > '${opened}.part' && /bin/mv '${opened}.part' '${opened}'\n`;
      writeFileSync(join(path, 'xdg-open'), script, { mode: 0o755 });
      const [shown, without] = await Promise.all([start(['--open'], { path }), start(['--open'])]);

      await vi.waitFor(() => expect(existsSync(opened)).toBe(true), { timeout: 20_000 });
      expect(readFileSync(opened, 'utf8')).toBe(`${shown.address}\n`);
      // The page is there without a browser, too.
      expect((await fetch(without.address)).status).toBe(200);
      for (const demo of [shown, without]) demo.child.kill('SIGINT');
      expect(await shown.ended).toMatchObject({ code: 130, stderr: '' });
      const said = expect.stringMatching(/^offloop: Cannot open a browser: .*ENOENT\n$/) as string;
      expect(await without.ended).toMatchObject({ code: 130, stderr: said });
    },
  );

  test('ends after its time with 0, and says so if its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const folder = temporary();
    const [timed, refused] = await Promise.all([start(['--for', '1']), start(['--port', String(port)], { folder })]);

    expect(timed.head).toContain('It ends after 1 s');
    expect(await timed.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await refused.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^offloop: listen EADDRINUSE.*\n$/) as string,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['a port', ['--port', '65536']],
    ['a port', ['--port', 'x']],
    ['a time', ['--for', '0']],
    ['a time', ['--for', '99999999']],
    ['an option', ['--json']],
    ['a path', ['folder']],
  ])('refuses %s that cannot be: %j', (_, args) => {
    expect(() => parseCommand(['demo', 'live', ...args])).toThrow(/\(see "offloop help"\)$/);
  });

  test('is told its options', () => {
    expect(parseCommand(['demo', 'live'])).toEqual({ name: 'live', options: { port: 0, time: Infinity, open: false } });
    expect(parseCommand(['demo', 'live', '--port', '8080', '--for', '3', '--open'])).toEqual({
      name: 'live',
      options: { port: 8080, time: 3000, open: true },
    });
    expect(parseCommand(['demo', './live'])).toMatchObject({ name: 'demo', options: { path: './live' } });
  });

  test.runIf(isFull)('works from the package as it is installed, with no other package than it needs', async () => {
    const folder = temporary();
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: root,
      }).toString(),
    ) as [{ filename: string }];
    const packages = join(folder, 'node_modules');
    mkdirSync(packages);
    execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', packages]);
    const { dependencies } = JSON.parse(readFileSync(join(packages, 'package/package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const name of Object.keys(dependencies)) symlinkSync(join(root, 'node_modules', name), join(packages, name));
    symlinkSync('package', join(packages, 'offloop'));
    const program = join(packages, 'package/dist/lib/src/programs/cli/main.js');
    const demo = await start(['--for', '20'], { program });

    // lmdb is not there.
    const hasSqlite = Number(process.versions.node.split('.')[0]) >= 24 || process.versions.node.startsWith('22.');
    expect(demo.head).toContain(
      hasSqlite ? 'The cache: the SQLite of Node.js' : 'The cache: no store: npm install lmdb',
    );
    expect((await eventsOf(demo.address, 2)).length).toBeGreaterThanOrEqual(4);
    demo.child.kill('SIGTERM');
    expect(await demo.ended).toMatchObject({
      code: 143,
      rest: expect.stringMatching(/^Stopped by SIGTERM: /) as string,
    });
  });
});

/** Opens the page in a browser, and waits until it has drawn data that moves. */
async function lookAt(address: string): Promise<void> {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  const errors: unknown[] = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.goto(address);
  const points = async (): Promise<number> => page.evaluate<number>('[...rooms.values()].flat().length');
  const grows = async (from: number): Promise<void> =>
    vi.waitFor(async () => expect(await points()).toBeGreaterThan(from + 8), { timeout: 20_000 });
  await grows(0);
  const before = await page.locator('#chart').screenshot();
  await grows(await points());
  const folder = join(root, '.tmp');
  mkdirSync(folder, { recursive: true });
  const after = await page.locator('#chart').screenshot();
  await page.screenshot({ path: join(folder, 'live.png') });

  expect(before.equals(after)).toBe(false);
  expect(await page.locator('#state').textContent()).toBe('Live.');
  expect(await page.locator('#legend span').count()).toBe(4);
  expect(await page.locator('#facts dd').count()).toBe(6);
  expect(errors).toEqual([]);
}
