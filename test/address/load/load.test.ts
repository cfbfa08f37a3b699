import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import type { ModuleSpec, ViewSpec } from '../../../src/address/address.ts';
import { createViewCache } from '../../../src/address/load/view-cache.ts';
import { cases } from '../../support/full.ts';

interface Request {
  readonly spec: ModuleSpec;
  readonly argument?: number;
  readonly guard?: ModuleSpec;
}

interface Answer {
  readonly loaded?: { readonly url: string; readonly view: boolean };
  readonly result?: number;
  readonly error?: { readonly name: string; readonly code: string; readonly message: string; readonly cause: string };
  readonly seen: readonly string[];
  readonly loading: string | undefined;
  readonly leftOut: readonly number[] | undefined;
}

const folder = new URL('../../fixtures/load/', import.meta.url);
const features = process.features as { typescript?: unknown };
const strips = Boolean(features.typescript);

const threads: Worker[] = [];
const temporary: string[] = [];

afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
  for (const path of temporary.splice(0)) rmSync(path, { recursive: true });
});

function thread(options: { execArgv?: string[] } = {}): (request: Request) => Promise<Answer> {
  const worker = new Worker(new URL('thread.mjs', folder), { execArgv: [], ...options });
  threads.push(worker);
  return (request) =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
      worker.postMessage(request);
    });
}

function specOf(file: string, changes: Partial<ModuleSpec> = {}, view: Partial<ViewSpec> = {}): ModuleSpec {
  return {
    url: new URL(file, folder).href,
    format: /\.ct?js$|\.cts$/.test(file) ? 'commonjs' : 'module',
    generation: 0,
    foreign: false,
    base: folder.href,
    viewMode: 'never',
    view: {
      sources: [],
      positions: [],
      methods: [],
      libraries: ['./library.mjs', './library.cjs'],
      cache: createViewCache(),
      early: new Int32Array(new SharedArrayBuffer(4)),
      ...view,
    },
    ...changes,
  };
}

/** A copy of the fixtures with a node_modules of its own. */
function project(...packages: string[]): URL {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'offloop-load-')));
  temporary.push(path);
  for (const file of [
    'levels.ts',
    'level.ts',
    'mixed.mts',
    'part.cts',
    'program.ts',
    'program.cts',
    'library.mjs',
    'library.cjs',
  ]) {
    cpSync(fileURLToPath(new URL(file, folder)), join(path, file));
  }
  mkdirSync(join(path, 'node_modules'));
  const installed = fileURLToPath(new URL('../../../node_modules/', import.meta.url));
  for (const name of packages) symlinkSync(join(installed, name), join(path, 'node_modules', name), 'junction');
  return pathToFileURL(`${path}/`);
}

describe('loadModule', () => {
  test.each(['program.mjs', 'program.cjs'])('loads %s once, and tells that it is loading', async (file) => {
    const ask = thread();
    const spec = specOf(file);

    expect(await ask({ spec, argument: 2 })).toMatchObject({
      loaded: { url: spec.url, view: false },
      result: file.endsWith('.cjs') ? 6 : expect.anything(),
      seen: ['program', spec.url],
      loading: undefined,
    });
    expect(await ask({ spec })).toMatchObject({ seen: [] });
  });

  test('gives the error of a module that throws to everyone who asks, and loads other modules', async () => {
    const ask = thread();
    const spec = specOf('throws.mjs');
    const error = {
      name: 'OffloopError',
      code: 'ERR_OFFLOOP_LOAD',
      message: expect.stringContaining('throws.mjs in a worker thread: the module is out of order'),
      cause: 'the module is out of order',
    };

    expect(await ask({ spec })).toMatchObject({ error, seen: ['throws'], loading: undefined });
    expect(await ask({ spec })).toMatchObject({ error, seen: [] });
    expect(await ask({ spec: specOf('program.cjs'), argument: 2 })).toMatchObject({ result: 6 });
  });

  test.each(['program.mjs', 'program.cjs'])('evaluates a later generation of %s anew', async (file) => {
    const ask = thread();

    expect(await ask({ spec: specOf(file) })).toMatchObject({ seen: ['program', expect.anything()] });
    const later = await ask({ spec: specOf(file, { generation: 2 }) });
    expect(later.seen).toHaveLength(2);
    expect(later.loaded?.url).toMatch(file.endsWith('.cjs') ? /program\.cjs$/ : /program\.mjs\?offloop=2$/);
  });

  test('gives up a module whose top-level code calls a wrapper and waits for ever', async () => {
    const ask = thread();

    expect(await ask({ spec: specOf('again.mjs') })).toMatchObject({
      error: { code: 'ERR_OFFLOOP_REENTRY', message: expect.stringContaining('called work') },
    });
    expect(await ask({ spec: specOf('program.cjs'), argument: 2 })).toMatchObject({ result: 6, loading: undefined });
  });
});

describe('a worker view', () => {
  test.each(['program.mjs', 'program.cjs'])('is loaded in place of %s', async (file) => {
    const ask = thread();
    const spec = specOf(file, { viewMode: 'first' });

    expect(await ask({ spec })).toMatchObject({ loaded: { url: spec.url, view: true }, seen: [] });
  });

  test('explains what it left out', async () => {
    const ask = thread();

    const answer = await ask({ spec: specOf('program.mjs', { viewMode: 'first' }), argument: 2 });

    expect(answer.error).toMatchObject({ code: 'ERR_OFFLOOP_CAPTURE', cause: 'first is not defined' });
    expect(answer.error?.message).toContain('it uses first, which only the main thread has: line 8 of ');
  });

  test('is made once for all threads', async () => {
    const spec = specOf('program.cjs', { viewMode: 'first' });
    const [one, two] = [thread(), thread()];

    const answers = await Promise.all([one({ spec, argument: 2 }), two({ spec, argument: 3 })]);

    expect(answers).toMatchObject([
      { result: 6, leftOut: [3] },
      { result: 9, leftOut: [3] },
    ]);
  });

  test('is what a module gets that imports the program back', async () => {
    const ask = thread();
    const guard = specOf('cyclic.mjs', { viewMode: 'first' });

    expect(await ask({ spec: specOf('member.mjs'), guard, argument: 2 })).toMatchObject({ result: 22, seen: [] });
  });

  test.each(['spec.mjs', 'again.mjs'])('is tried where the whole of %s cannot be loaded', async (file) => {
    const ask = thread();
    const spec = specOf(file, { viewMode: 'fallback' });

    expect(await ask({ spec, argument: 1 })).toMatchObject({
      loaded: { url: `${spec.url}?offloop-view`, view: true },
      result: file === 'spec.mjs' ? 5 : 7,
      loading: undefined,
    });
  });

  test('is loaded whatever the query, and by way of a link', async () => {
    const path = fileURLToPath(project());
    symlinkSync(fileURLToPath(folder), join(path, 'link'), 'junction');
    const spec = specOf('server.mjs', {
      url: `${pathToFileURL(join(path, 'link', 'server.mjs')).href}?v=1#top`,
      viewMode: 'first',
    });

    expect(await thread()({ spec, argument: 2 })).toMatchObject({
      loaded: { url: `${new URL('server.mjs', folder).href}?v=1#top`, view: true },
      result: 6,
      seen: [],
    });
  });

  test('is told about once a process, where OFFLOOP_DEBUG asks for it', async () => {
    const script = fileURLToPath(new URL('twice.mjs', folder));
    const env = { ...process.env, OFFLOOP_DEBUG: 'view' };

    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, 'server.mjs'], { env });

    expect(stdout).toBe('6 0\n6 0\n');
    expect(stderr).toMatch(/^offloop: the worker view of \S*server\.mjs leaves out\n  3: [^\n]*\n$/);
  });

  test('does not hide the first error where it fails too', async () => {
    const ask = thread();

    expect(await ask({ spec: specOf('missing.mjs', { viewMode: 'fallback' }) })).toMatchObject({
      error: { code: 'ERR_OFFLOOP_LOAD' },
    });
  });
});

describe('TypeScript', () => {
  test.each(['program.ts', 'program.cts'])('%s is loaded as Node.js does it, and its view', async (file) => {
    const base = project().href;
    const spec = specOf(file, { url: new URL(file, base).href, base, viewMode: 'first' });

    const answer = await thread()({ spec, argument: 2 });

    if (strips) expect(answer).toMatchObject({ result: 6, seen: [] });
    else expect(answer.error).toMatchObject({ code: 'ERR_OFFLOOP_TYPESCRIPT' });
  });

  test.each(cases(['levels.ts', 'program.cts', 'program.ts'], 2))(
    '%s is loaded by the tsx of the command line',
    async (file) => {
      const ask = thread({ execArgv: ['--import', 'tsx'] });
      const sources = ['function work2(n){return n*factor}'];
      const spec = specOf(file, { viewMode: 'first' }, { sources });

      expect(await ask({ spec, argument: 2 })).toMatchObject({ result: 6, seen: [] });
    },
  );

  test('is loaded by a tsx that is installed if nothing else can', async () => {
    const ask = thread();
    const spec = specOf('levels.ts', { viewMode: 'first' });

    expect(await ask({ spec, argument: 2 })).toMatchObject({
      loaded: { url: `${spec.url}?offloop-ts`, view: true },
      result: 6,
      seen: [],
    });
  });

  const broughtAlong = [
    { file: 'levels.ts', foreign: true },
    { file: 'program.cts', foreign: true },
    { file: 'levels.ts', foreign: false },
    { file: 'mixed.mts', foreign: true },
  ];

  test.each(cases(broughtAlong, 2))('is loaded by what vitest brings along: %o', async ({ file, foreign }) => {
    const base = project('vitest').href;
    const spec = specOf(file, { url: new URL(file, base).href, base, foreign, viewMode: 'first' });

    expect(await thread()({ spec, argument: 2 })).toMatchObject({ result: 6, seen: [] });
  });

  test('that nothing can load says what to install', async () => {
    const base = project().href;
    const spec = specOf('levels.ts', { url: new URL('level.ts', base).href, base });

    const { error } = await thread()({ spec });

    expect(error).toMatchObject({ code: 'ERR_OFFLOOP_TYPESCRIPT', cause: expect.any(String) });
    expect(error?.message).toContain('npm install --save-dev tsx');
  });
});
