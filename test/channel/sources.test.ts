/**
 * Iterables as arguments that fail before they are asked, or are never asked: nothing of them is uncaught or left open.
 * @module
 */

import { once } from 'node:events';
import { createReadStream, opendirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { threaded, ThreadPool } from 'offloop';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { block, where } from '../fixtures/jobs/basics.mjs';
import { quick } from '../fixtures/jobs/generators.mjs';
import * as jobs from '../fixtures/jobs/taking.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { fixture, run } from '../support/run.ts';
import { closing, failing, missing } from '../support/sources.ts';
import type { FailingSource } from '../support/sources.ts';

const kinds = Object.keys(failing).map(
  (kind) => [kind, failing[kind] as NonNullable<(typeof failing)[string]>] as const,
);
const file = fixture('jobs/taking.mjs');
const coded = (code: string): object => expect.objectContaining({ code }) as object;

function controller(): { signal: AbortSignal; abort(reason: unknown): void } {
  const made = new AbortController();
  return { signal: made.signal, abort: (reason) => made.abort(reason) };
}

const identity = (value: unknown): unknown => value;

/** Calls that are refused, with a source that is made at that moment. */
const refusals: [string, unknown, (make: () => unknown) => Promise<unknown>][] = [
  ['aborted before', 'stop', async (make) => quick.with({ signal: AbortSignal.abort('stop') })(make())],
  ['not cloneable, after it', coded('ERR_OFFLOOP_NOT_CLONEABLE'), async (make) => quick([make(), Symbol('s')])],
  ['not cloneable, before it', coded('ERR_OFFLOOP_NOT_CLONEABLE'), async (make) => quick([Symbol('s'), { a: make() }])],
  [
    'not cloneable, of an iterator',
    coded('ERR_OFFLOOP_NOT_CLONEABLE'),
    async (make) => jobs.passes([Symbol('s'), new Map([[1, new Set([make()])]])] as never).next(),
  ],
  [
    'of a pool that is closed',
    coded('ERR_OFFLOOP_CLOSED'),
    async (make) => {
      const closed = new ThreadPool({ size: 1 });
      await closed.close();
      return quick.with({ pool: closed })(make());
    },
  ],
  [
    'where the line is full',
    coded('ERR_OFFLOOP_QUEUE_FULL'),
    async (make) => {
      const release = await hold();
      const waits = quick.with({ pool })(1);
      const call = quick.with({ pool })(make());
      call.catch(() => undefined);
      await Promise.all([release(), waits]);
      return call;
    },
  ],
  ['that no thread finds', coded('ERR_OFFLOOP_NOT_FOUND'), async (make) => threaded(identity)(make())],
];

class Upload {
  readonly stream: Readable;

  constructor(stream: Readable) {
    this.stream = stream;
  }
}

/** An iterator of the user's that counts how often it was closed. */
function iterator(next = async (): Promise<IteratorResult<number>> => ({ value: 1, done: false })) {
  const it = {
    closed: 0,
    next,
    async return() {
      it.closed += 1;
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => it,
  };
  return it;
}

/** A pool with one thread whose calls do not wait. */
const pool = new ThreadPool({ size: 1, maxQueue: 1, grace: 1 });

beforeAll(async () => {
  // A call that waits for its first thread is not sent, and does not run if its source has failed by then.
  await Promise.all([quick(1), quick(2), quick.with({ pool })(1), jobs.takesApart(iterator(), 1)]);
});
afterAll(() => pool.close());

/** Holds the thread of the pool until what it gives is called. */
async function hold(): Promise<() => Promise<void>> {
  const it = gate();
  const held = block.with({ pool })(it, 1);
  await reaches(it, 1, 1);
  return async () => {
    open(it);
    await held;
  };
}

describe.each(kinds)('a %s that fails before it is asked', (_, make) => {
  test.each([
    ['blocking code', jobs.takesLate],
    ['code that awaits', jobs.takesLateAwaiting],
    ['a thread of its own', jobs.takesLateApart],
  ])('rejects the call of %s', async (_, takes) => {
    const { items, failure, fail } = make();
    const it = gate();
    const call = takes(items, it);
    await reaches(it, 1, 1);
    await fail();
    open(it);

    await expect(call).rejects.toMatchObject(failure);
  });

  test('fails where the function takes items, so that it can be caught', async () => {
    const { items, fail } = make();
    const it = gate();
    const call = jobs.catches(items, it);
    await reaches(it, 1, 1);
    await fail();
    open(it);

    expect(await call).toMatch(/^caught (source|ENOENT)/);
  });

  test('rejects a call whose function asks for nothing, once it returns', async () => {
    const { items, failure, fail } = make();
    const it = gate();
    const call = jobs.takesEarly(items, it, 0);
    await reaches(it, 1, 1);
    await fail();
    open(it);

    await expect(call).rejects.toMatchObject(failure);
  });

  test('rejects a call that waits for a thread at once, and the function is not run', async () => {
    const release = await hold();
    const { items, failure, fail } = make();
    const it = gate();
    const call = jobs.takesLate.with({ pool })(items, it);
    await Promise.all([fail(), expect(call).rejects.toMatchObject(failure)]);
    expect(pool.stats().queued).toBe(0);
    await release();

    expect(await quick.with({ pool })(1)).toBe(1);
    expect(it[1]).toBe(0);
  });

  test('rejects the first next() of an iterator, whenever that is asked for', async () => {
    const { items, failure, fail } = make();
    const iterator = jobs.passes(items);
    await fail();

    await expect(iterator.next()).rejects.toMatchObject(failure);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });
});

describe.each(['file', 'web stream'] as const)('a %s that fails', (kind) => {
  const make = failing[kind] as () => FailingSource;

  test.each([
    ['aborted', 'enough', jobs.hangs],
    ['timed out', coded('ERR_OFFLOOP_TIMEOUT'), jobs.hangs],
    ['lost with its thread', coded('ERR_OFFLOOP_WORKER_EXIT'), jobs.exits],
  ])('changes nothing if the call is %s', async (how, reason, job) => {
    await quick.with({ pool })(1);
    const { items, fail, isClosed } = make();
    const it = gate();
    const { signal, abort } = controller();
    const limit = how === 'aborted' ? { signal } : how === 'timed out' ? { timeout: 30 } : {};
    const call = job.with({ pool, ...limit })(items, it);
    const rejected = expect(call).rejects.toEqual(reason);
    await reaches(it, 1, 1);
    await fail();
    abort('enough');
    if (job === jobs.exits) open(it);
    await rejected;

    expect(await quick.with({ pool })(1)).toBe(1);
    await eventually(() => expect(isClosed()).toBe(true));
  });

  test.each(refusals)('ends nothing if the call was refused: %s', async (_, reason, call) => {
    let source!: FailingSource;
    const refused = call(() => {
      source = make();
      return source.items;
    });
    await expect(refused).rejects.toEqual(reason);
    await source.fail();

    await eventually(() => expect(source.isClosed()).toBe(true));
  });
});

describe('a source that fails after the thread has taken its last item', () => {
  test('rejects the call, if that has not settled', async () => {
    const items = new Readable({ objectMode: true, autoDestroy: false, read() {} });
    items.push(1);
    items.push(null);
    const it = gate();
    const call = jobs.takesEarly(items, it);
    await reaches(it, 1, 1);
    items.emit('error', new Error('source'));
    open(it);

    await expect(call).rejects.toThrow('source');
  });

  test('rejects a call that asks no more, also where the source was ahead', async () => {
    const items = new Readable({ objectMode: true, read() {} });
    items.push(1);
    const it = gate();
    const call = jobs.takesEarly(items, it, 1);
    await reaches(it, 1, 1);
    items.destroy(new Error('source'));
    await closing(items);
    open(it);

    await expect(call).rejects.toThrow('source');
  });

  test('changes nothing once the call has settled', async () => {
    const items = new Readable({ objectMode: true, autoDestroy: false, read() {} });
    items.push(null);
    const it = gate();
    open(it);

    expect(await jobs.takesEarly(items, it)).toEqual([]);
    items.emit('error', new Error('source'));
  });

  test('does not replace what the function throws', async () => {
    const items = new Readable({ objectMode: true, read() {} });
    const it = gate();
    const call = jobs.throwsLate(items, it);
    await reaches(it, 1, 1);
    items.destroy(new Error('source'));
    await closing(items);
    open(it);

    await expect(call).rejects.toThrow('mine');
  });
});

describe('a source that nobody asks is closed, once,', () => {
  test.each<[string, (make: () => unknown) => Promise<unknown>]>([
    ['when the call returns', async (make) => jobs.ignores(make())],
    ['when the call throws', async (make) => jobs.throwsLate(make(), opened())],
    ['when an iterator is closed that was not begun', async (make) => jobs.passes(make() as never).close()],
    ['when an iterator is aborted that was not begun', async (make) => aborted(make() as never).next()],
    ...refusals.map(([how, , call]): [string, typeof call] => [`when the call is refused: ${how}`, call]),
  ])('%s', async (_, call) => {
    const own = iterator();
    const stream = createReadStream(file);
    let cancels = 0;
    const web = new ReadableStream({ cancel: () => void (cancels += 1) });
    const directory = opendirSync('.');
    const input = createReadStream(file);
    const lines = createInterface({ input });
    let closes = 0;
    lines.on('close', () => (closes += 1));
    const all = [own, stream, web, directory, lines];
    await call(() => all).catch(() => undefined);

    await eventually(() =>
      expect([own.closed, stream.closed, cancels, closes, input.closed]).toEqual([1, true, 1, 1, true]),
    );
    await expect((async () => directory.read())()).rejects.toMatchObject({ code: 'ERR_DIR_CLOSED' });
  });

  test('before the call settles', async () => {
    const stream = createReadStream(file);
    const own = iterator();
    await jobs.ignores([stream, own]);

    expect([stream.closed, own.closed]).toEqual([true, 1]);
  });

  test('unless it is part of something else: a request that was refused can be answered', async () => {
    const closed = new ThreadPool({ size: 1 });
    await closed.close();
    const takes = jobs.takesBlocking.with({ pool: closed });
    const server = createServer((request, response) => {
      takes(request).catch(({ code }: { code: string }) => response.writeHead(503).end(code));
    }).listen(0);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://localhost:${port}`, { method: 'POST', body: 'x'.repeat(100_000) });

    expect([response.status, await response.text()]).toEqual([503, 'ERR_OFFLOOP_CLOSED']);
  });

  test('and is left alone if it is no iterator, or part of an instance', async () => {
    let asked = 0;
    const collection = {
      [Symbol.asyncIterator]() {
        asked += 1;
        return iterator();
      },
    };
    const stream = createReadStream(file);
    const inside = new Upload(stream);
    await jobs.ignores(collection);
    await expect(quick([inside])).rejects.toEqual(coded('ERR_OFFLOOP_NOT_CLONEABLE'));

    expect([asked, stream.destroyed]).toEqual([0, false]);
    stream.destroy();
  });
});

describe('a source that waits for an item itself is closed at once', () => {
  test.each([
    ['blocking code', jobs.takesBlocking],
    ['code that awaits', jobs.takesAwaiting],
  ])('when %s leaves its loop', async (_, takes) => {
    const stream = new PassThrough({ objectMode: true });
    stream.write('first');
    let cancels = 0;
    const web = new ReadableStream({ start: (it) => it.enqueue('first'), cancel: () => void (cancels += 1) });

    expect(await takes(stream, 1)).toEqual(['first']);
    expect(stream.closed).toBe(true);
    expect(await takes(web, 1)).toEqual(['first']);
    expect(cancels).toBe(1);
  });

  test('when the call settles', async () => {
    const stream = new PassThrough({ objectMode: true });
    stream.write('first');
    const own = iterator(async () => new Promise<never>(() => undefined));

    expect(await jobs.takesEarly(stream, opened(), 1)).toEqual(['first']);
    expect(stream.closed).toBe(true);
    await expect(jobs.takesAwaiting.with({ timeout: 20 })(own)).rejects.toEqual(coded('ERR_OFFLOOP_TIMEOUT'));
    await eventually(() => expect(own.closed).toBe(1));
  });

  test('in a thread, when its iterator is closed', async () => {
    const it = gate();
    const iterator = jobs.stalls.with({ closeTimeout: 30_000 })(it);
    await iterator.next();
    await iterator.close();

    expect(it[3]).toBe(1);
  });
});

test('a stream of a thread that fails before its consumer asks ends the iterator, and not the thread', async () => {
  const before = await where.with({ pool })();
  const it = gate();
  const iterator = jobs.reads.with({ pool })(missing, it).start();
  await reaches(it, 3, 1);

  await expect(iterator.next()).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await where.with({ pool })()).toBe(before);
});

test('items of map that fail before the first result is asked for fail then', async () => {
  const stream = createReadStream(missing);
  const results = pool.map(stream, quick);
  await closing(stream);

  await expect(results.next()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('no line of a reader is lost while the call waits', async () => {
  const release = await hold();
  const input = new PassThrough();
  const lines = createInterface({ input });
  const call = jobs.takesAwaiting.with({ pool })(lines);
  input.end('a\nb\n');
  await closing(input);
  await release();

  expect(await call).toEqual(['a', 'b']);
});

test('a process whose source fails before it is asked goes on', async () => {
  const { lines, stderr, code } = await run(fixture('exits/missing.mjs'));

  expect({ lines, stderr, code }).toEqual({
    lines: ['ENOENT', 'ENOENT', 'ERR_OFFLOOP_CLOSED', 'done'],
    stderr: '',
    code: 0,
  });
});

const aborted = jobs.passes.with({ signal: AbortSignal.abort('stop') });

/** Takes more than one turn of the event loop. */
async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 30_000 });
}

/** A gate that is open. */
function opened(): Int32Array {
  const it = gate();
  open(it);
  return it;
}
