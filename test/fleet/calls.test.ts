/** Calls on a node behave as those in threads. @module */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { OffloopError, threaded } from 'offloop';
import { fleet } from 'offloop/fleet';
import type { Fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { fixture, root, run } from '../support/run.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

let server: NatsServer;
let pool: Fleet;
let folder: string;

beforeAll(async () => {
  if (!hasNats) return;
  folder = mkdtempSync(join(tmpdir(), 'offloop-fleet-'));
  server = await natsServer();
  await startNode(server.servers, { threads: 2 });
  pool = fleet({ servers: server.servers });
});

afterAll(async () => {
  if (!hasNats) return;
  await pool.close();
  await endNodes();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;
const file = (): string => {
  files += 1;
  return join(folder, `${files}.txt`);
};

const content = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const said = (path: string, words: string): Promise<void> =>
  vi.waitFor(() => expect(content(path)).toContain(words), { timeout: 20_000, interval: 10 });

describe.runIf(hasNats)('a call on a node', () => {
  test('gives what the function returns, from another process', async () => {
    expect(await jobs.add.with({ pool })(20, 22)).toBe(42);
    expect(await jobs.pid.with({ pool })()).not.toBe(process.pid);
  });

  test('copies what a thread can be given', async () => {
    const cycle: { self?: unknown; list: number[] } = { list: [1, 2] };
    cycle.self = cycle;
    const value = {
      map: new Map([[1, new Set(['a'])]]),
      date: new Date(7),
      bytes: Buffer.from('bytes'),
      url: new URL('https://example.org/'),
      error: new RangeError('far'),
      big: 12n,
      missing: undefined,
      cycle,
    };

    const copy = (await jobs.same.with({ pool })(value)) as typeof value;
    expect(copy).toEqual(value);
    expect(copy.cycle.self).toBe(copy.cycle);
    expect(Buffer.isBuffer(copy.bytes)).toBe(true);
    expect(await jobs.same.with({ pool })(new jobs.Point(1, 2))).toBeInstanceOf(jobs.Point);
  });

  test('takes arguments as they are at the call', async () => {
    const list = [1];
    const result = jobs.same.with({ pool })(list);
    list.push(2);

    expect(await result).toEqual([1]);
  });

  test('carries more bytes than one message of the server does, there and back', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, i) => i % 251);

    expect(Buffer.compare(await jobs.same.with({ pool })(bytes), bytes)).toBe(0);
  });

  test('has the context variables of its caller', async () => {
    expect(await jobs.user.run('ann', () => jobs.whoIs.with({ pool })())).toBe('ann');
    expect(await jobs.whoIs.with({ pool })()).toBeUndefined();
    const rich = { roles: new Set(['admin']) };
    expect(await jobs.user.run(rich, () => jobs.whoIs.with({ pool })())).toEqual(rich);
  });

  test('rejects with what the function throws: class, code, own properties, cause and both stacks', async () => {
    const error = await jobs.fail
      .with({ pool })(5)
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(jobs.OrderError);
    expect(error).toMatchObject({ message: 'no such order', code: 'E_ORDER', order: 5 });
    expect((error as Error).cause).toBeInstanceOf(RangeError);
    expect((error as Error).stack).toMatch(/jobs\.mjs[\s\S]*at offloop call[\s\S]*calls\.test/);
  });

  test.each([0, undefined, 'text', null])('rejects with %s as it was thrown', async (value) => {
    const thrown = await jobs.throwIt
      .with({ pool })(value)
      .then(
        () => 'returned',
        (error: unknown) => ({ error }),
      );

    expect(thrown).toEqual({ error: value });
  });

  test('rejects if its thread ends, and the node goes on', async () => {
    await expect(jobs.exit.with({ pool })()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 3 });
    expect(await jobs.add.with({ pool })(1, 1)).toBe(2);
  });

  test('rejects with the path of what cannot cross', async () => {
    const there = jobs.unsendable.with({ pool })();
    await expect(there).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
    const shared = jobs.same.with({ pool })(new SharedArrayBuffer(8));
    await expect(shared).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
    const symbol = jobs.same.with({ pool })({ deep: { at: Symbol('s') } });
    await expect(symbol).rejects.toThrow('args[0].deep.at');
  });

  test('is ended by its timeout', async () => {
    const late = jobs.busy.with({ pool, timeout: 50 })(60_000);

    await expect(late).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  });

  test('rejects with the reason of its signal, and the function learns of it', async () => {
    const [path, controller] = [file(), new AbortController()];
    const result = jobs.waitFor.with({ pool, signal: controller.signal })(path);
    await said(path, 'began');

    controller.abort(new Error('no more'));
    await expect(result).rejects.toThrow('no more');
    await said(path, 'aborted: no more');
  });

  test('follows a signal among its arguments', async () => {
    const [path, controller] = [file(), new AbortController()];
    const result = jobs.waitFor.with({ pool })(path, controller.signal);
    await said(path, 'began');

    controller.abort(new Error('enough'));
    expect(await result).toBe('aborted');
    expect(content(path)).toContain('aborted: enough');
  });

  test('calls functions among its arguments, in order', async () => {
    const seen: number[] = [];
    const sum = await jobs.steps.with({ pool })(5, (i: number) => {
      seen.push(i);
      return i * 2;
    });

    expect({ sum, seen }).toEqual({ sum: 20, seen: [0, 1, 2, 3, 4] });
    const broken = jobs.steps.with({ pool })(1, () => {
      throw new jobs.OrderError('no', 1);
    });
    await expect(broken).rejects.toBeInstanceOf(jobs.OrderError);
  });

  test('lets a function among its arguments see what the node has set', async () => {
    const asked = jobs.user.run('here', () => jobs.seen.with({ pool })(() => jobs.user.get()));

    expect(await asked).toBe('node');
  });

  test('reads an iterable among its arguments, and closes one that it has left', async () => {
    let closed = 0;
    async function* items(to: number): AsyncGenerator<number> {
      try {
        for (let i = 1; i <= to; i += 1) yield i;
      } finally {
        closed += 1;
      }
    }

    expect(await jobs.sum.with({ pool })(items(1000))).toBe(500_500);
    expect(await jobs.first.with({ pool })(items(Infinity))).toBe(1);
    expect(closed).toBe(2);
  });

  test.each([
    ['key', { key: 'a' }],
    ['priority', { priority: 1 }],
    ['transfer', { transfer: [new ArrayBuffer(8)] }],
  ])('refuses the option %s by its name', async (name, options) => {
    const refused = jobs.add.with({ pool, ...options })(1, 2);

    await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    await expect(refused).rejects.toThrow(`the option ${name}`);
  });

  test('refuses a function that no node can have', async () => {
    const late = (() => threaded(() => 1))();

    await expect(late.with({ pool })()).rejects.toBeInstanceOf(OffloopError);
  });
});

describe.runIf(hasNats)('an iterator over a generator on a node', () => {
  test('gives all items in order, and what the generator returns', async () => {
    const items = jobs.count.with({ pool })(3000, undefined);
    const found: number[] = [];
    let step = await items.next();
    for (; step.done !== true; step = await items.next()) found.push(step.value);

    expect(found).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    expect(step.value).toBe('all');
  });

  test.each([
    ['that are all in the order', (items: unknown[]) => items],
    [
      'that come from its caller one by one',
      async function* (items: unknown[]) {
        yield* items;
      },
    ],
  ])('gives items of any kind, from arguments %s', async (_, given) => {
    const items = [
      undefined,
      null,
      0,
      'text',
      { deep: [1n] },
      Buffer.from('bytes'),
      new jobs.Point(1, 2),
      'x'.repeat(40_000),
    ];
    const found: unknown[] = [];
    for await (const item of jobs.each.with({ pool })(given(items))) found.push(item);

    expect(found).toEqual(items);
    expect(found.map((it) => Object(it).constructor)).toEqual(items.map((it) => Object(it).constructor));
  });

  test('gives all items if it is the first thing that its caller wants of a node, whose threads are there', async () => {
    const whole = async (make: (pool: Fleet) => AsyncIterable<unknown>): Promise<unknown[]> => {
      await using fresh = fleet({ servers: server.servers });
      const items: unknown[] = [];
      for await (const item of make(fresh)) items.push(item);
      return items;
    };
    const given = [1, 2, 3];
    // By the time of the last ones the items are there before the node would have told that it has begun.
    for (let i = 0; i < 5; i += 1)
      // One after the other.
      // oxlint-disable-next-line no-await-in-loop
      expect(await whole((own) => jobs.count.with({ pool: own, maxSize: 2 })(3, undefined))).toEqual([0, 1, 2]);
    expect(await whole((own) => jobs.count.with({ pool: own })(0, undefined))).toEqual([]);
    expect(await whole((own) => jobs.count.with({ pool: own, maxSize: 0 })(3, undefined))).toEqual([0, 1, 2]);
    expect(await whole((own) => jobs.each.with({ pool: own })(given.values()))).toEqual(given);
  });

  test('runs the finally of the generator at break', async () => {
    const path = file();
    for await (const item of jobs.count.with({ pool })(1e9, path)) if (item === 10) break;

    expect(content(path)).toBe('closed\n');
  });

  test('rejects its close with the error of the finally', async () => {
    for (const maxSize of [0, 4, 4, 4]) {
      const items = jobs.unclosed.with({ pool, maxSize })();
      // One after the other: at the last ones an item is awaited.
      // oxlint-disable-next-line no-await-in-loop
      for (let i = 0; i < maxSize; i += 1) await items.next();
      // oxlint-disable-next-line no-await-in-loop
      await items.next();
      // oxlint-disable-next-line no-await-in-loop
      await expect(items.close()).rejects.toBeInstanceOf(jobs.OrderError);
    }
  });

  test('gives the items before an error, then the error', async () => {
    const found: unknown[] = [];
    const all = (async () => {
      for await (const item of jobs.broken.with({ pool })()) found.push(item);
    })();

    await expect(all).rejects.toBeInstanceOf(jobs.OrderError);
    expect(found).toEqual([1, 2]);
  });

  test('passes values and errors to the yield, step by step', async () => {
    const echo = jobs.echo.with({ pool, maxSize: 0 })() as AsyncGenerator<string, unknown, unknown>;

    expect(await echo.next()).toEqual({ done: false, value: 'begin' });
    expect(await echo.next('one')).toEqual({ done: false, value: 'one' });
    expect(await echo.throw(new Error('two'))).toEqual({ done: false, value: 'caught two' });
    expect(await echo.return('three')).toEqual({ done: true, value: 'three' });
  });

  test('is ended at its node if it was closed before that has told of it, or if a value for its yield cannot cross', async () => {
    // There is a connection, so that what follows is sent at once.
    expect(await jobs.add.with({ pool })(1, 1)).toBe(2);
    for (const path of [file(), file()]) {
      const items = jobs.ahead.with({ pool, maxSize: 4 })(path);
      void items.next();
      // One after the other.
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setImmediate(resolve));
      // The loop does not turn, so that nothing is heard of the node.
      for (const end = Date.now() + 20_000; content(path) === '' && Date.now() < end;);
      void items.return();
      expect(content(path)).not.toBe('');
    }
    const echoes = Array.from({ length: 2 }, () => jobs.echo.with({ pool, maxSize: 0 })());
    await Promise.all(echoes.map((it) => it.next()));
    for (const echo of echoes as AsyncGenerator[])
      // One after the other.
      // oxlint-disable-next-line no-await-in-loop
      await expect(echo.next(new SharedArrayBuffer(8))).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });

    // Both threads are free.
    const sums = Promise.all([1, 2].map((n) => jobs.add.with({ pool, queueTimeout: 5000 })(n, n)));
    expect(await sums).toEqual([2, 4]);
    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 }));
    const [node] = await pool.nodes();
    expect(node).toMatchObject({ busy: 0 });
  });

  test('runs ahead no further than on both sides of the way there is room', async () => {
    const path = file();
    const items = jobs.ahead.with({ pool, maxSize: 10 })(path);
    await items.next();
    await said(path, '9\n');
    for (let i = 0; i < 20; i += 1) await items.next();

    expect(content(path).split('\n').length).toBeLessThanOrEqual(21 + 3 * 10 + 2);
    await items.return();
  });

  test('is closed by its signal', async () => {
    const [path, controller] = [file(), new AbortController()];
    const items = jobs.count.with({ pool, signal: controller.signal })(1e9, path);
    await items.next();

    controller.abort(new Error('stop'));
    await expect(items.next()).rejects.toThrow('stop');
    await said(path, 'closed');
  });

  test('is ended by its timeout', async () => {
    const items = jobs.ahead.with({ pool, timeout: 100, maxSize: 4 })(file());

    await expect(
      (async () => {
        for await (const item of items) void item;
      })(),
    ).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  });
});

describe.runIf(hasNats)('a fleet', () => {
  test('tells what it does', async () => {
    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 }));
    const { completed, failed } = pool.stats();

    expect(completed).toBeGreaterThan(10);
    expect(failed).toBeGreaterThan(5);
  });

  test('knows its nodes', async () => {
    await pool.ready();
    const [node] = await pool.nodes();

    expect(node).toMatchObject({ threads: 2, modules: [{ module: 'offloop/test/fixtures/fleet/jobs.mjs' }] });
  });

  test('takes no calls once it is closed, and ends those that it has', async () => {
    const other = fleet({ servers: server.servers });
    const last = jobs.add.with({ pool: other })(1, 2);
    await other.close();

    expect(await last).toBe(3);
    await expect(jobs.add.with({ pool: other })(1, 2)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
  });

  test.each([
    [{ servers: 7 }, 'servers'],
    [{ prefix: 'a.b' }, 'prefix'],
    [{ nodeTimeout: 0 }, 'nodeTimeout'],
    [{ other: 1 }, 'other'],
  ])('refuses the options %j', (options, name) => {
    expect(() => fleet(options as object)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    expect(() => fleet(options as object)).toThrow(name);
  });

  test('rejects its calls if there is no server', async () => {
    const nobody = fleet({ servers: '127.0.0.1:1', connectTimeout: 1 });

    await expect(jobs.add.with({ pool: nobody })(1, 2)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_BROKER' });
    await nobody.close();
  });
});

describe.runIf(hasNats)('a program with a fleet', () => {
  test('ends by itself once its calls are over; no node is to run the program itself', async () => {
    const program = join(folder, 'program.mjs');
    writeFileSync(
      program,
      `import { fleet } from ${JSON.stringify(pathToFileURL(join(root, 'dist/lib/src/fleet/index.js')).href)};
import { threaded } from ${JSON.stringify(pathToFileURL(join(root, 'dist/lib/src/index.js')).href)};
import { add } from ${JSON.stringify(pathToFileURL(fixture('fleet/jobs.mjs')).href)};
const pool = fleet({ servers: '${server.servers}' });
export const own = threaded(function own() {});
console.log(await own.with({ pool })().catch(({ code }) => code));
console.log(await add.with({ pool })(1, 2));
`,
    );

    expect(await run(program)).toMatchObject({ code: 0, stdout: 'ERR_OFFLOOP_REENTRY\n3\n', stderr: '' });
  });
});
