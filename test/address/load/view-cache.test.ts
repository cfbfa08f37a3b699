import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  awaitAhead,
  createViewCache,
  hasView,
  readView,
  sharedView,
  viewAhead,
} from '../../../src/address/load/view-cache.ts';
import type { WorkerView } from '../../../src/address/view/worker-view.ts';

const view = (code: string): WorkerView => ({ code, leftOut: [], mainOnly: {}, refused: {}, whole: false });

const threads: Worker[] = [];

afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
});

/** Runs `body` in a thread, with `sharedView` of the build and `cache` at hand; gives what it posts. */
function inThread(cache: SharedArrayBuffer, body: string): Promise<unknown> {
  const library = new URL('../../../dist/src/address/load/view-cache.js', import.meta.url).href;
  const source = `
    const { parentPort, workerData: cache } = require('node:worker_threads');
    import(${JSON.stringify(library)}).then(({ awaitAhead, sharedView }) => { ${body} });
  `;
  const worker = new Worker(source, { eval: true, workerData: cache, execArgv: [] });
  threads.push(worker);
  return new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
}

describe('sharedView', () => {
  test('makes a view once', () => {
    const cache = createViewCache();
    const make = vi.fn(() => view('one'));

    expect(sharedView(cache, 'text', make).view).toEqual(view('one'));
    expect(sharedView(cache, 'text', make).view).toEqual(view('one'));
    expect(make).toHaveBeenCalledTimes(1);
    expect(readView(cache)).toEqual(view('one'));
  });

  test('does not give the view of another text', () => {
    const cache = createViewCache();
    sharedView(cache, 'text', () => view('one'));

    expect(sharedView(cache, 'changed', () => view('two')).view).toEqual(view('two'));
  });

  test('lets the next one try after a failure', () => {
    const cache = createViewCache();
    const fail = (): WorkerView => {
      throw new RangeError('too hard');
    };

    expect(() => sharedView(cache, 'text', fail)).toThrow('too hard');
    expect(hasView(cache)).toBe(false);
    expect(sharedView(cache, 'text', () => view('one')).view).toEqual(view('one'));
  });

  test('shares a long view with characters of all planes', () => {
    const cache = createViewCache(2 ** 20);
    const long = 'aé日🙂'.repeat(100_000);

    sharedView(cache, 'text', () => view(long));

    expect(readView(cache)?.code).toBe(long);
  });

  test('reserves addresses for what may come of the module, not for the largest', () => {
    const { maxByteLength } = createViewCache(1000) as SharedArrayBuffer & { maxByteLength: number };

    expect(maxByteLength).toBeLessThan(2 ** 20);
  });

  test('gives a view that is too long to share to the one who made it', () => {
    const cache = new SharedArrayBuffer(1024);
    const long = 'x'.repeat(1024);

    expect(sharedView(cache, 'text', () => view(long)).view).toEqual(view(long));
    expect(readView(cache)).toBeUndefined();
    expect(sharedView(cache, 'text', () => view('two')).view).toEqual(view('two'));
  });

  test('gives the threads that wait what the first one made', async () => {
    const cache = createViewCache();
    const made = new SharedArrayBuffer(8);
    const latch = new Int32Array(made);
    const body = (code: string): string => `
      const { made } = cache, latch = new Int32Array(made);
      const make = () => {
        Atomics.add(latch, 0, 1);
        Atomics.notify(latch, 0);
        Atomics.wait(latch, 1, 0);
        return { code: ${JSON.stringify(code)}, leftOut: [], mainOnly: {}, refused: {}, whole: false };
      };
      parentPort.postMessage(sharedView(cache.cache, 'text', make).view.code);
    `;
    const data = { cache, made } as unknown as SharedArrayBuffer;

    const first = inThread(data, body('first'));
    Atomics.wait(latch, 0, 0);
    const second = inThread(data, body('second'));
    Atomics.store(latch, 1, 1);
    Atomics.notify(latch, 1);

    expect(await Promise.all([first, second])).toEqual(['first', 'first']);
    expect(latch[0]).toBe(1);
  });

  test('makes a view of its own after the thread that had begun was terminated', async () => {
    const cache = createViewCache();
    const dying = inThread(cache, `sharedView(cache, 'text', () => { parentPort.postMessage('begun'); for (;;); })`);
    await dying;
    await threads[0]?.terminate();

    expect(sharedView(cache, 'text', () => view('mine'), { patience: 50 }).view).toEqual(view('mine'));
    expect(readView(cache)).toEqual(view('mine'));
  });
});

describe('viewAhead', () => {
  test('gives threads the view that the main side has made', async () => {
    const cache = createViewCache();
    await viewAhead(cache, 'text', async () => view('main'));

    expect(await inThread(cache, `parentPort.postMessage(sharedView(cache, 'text', () => 0).view.code)`)).toBe('main');
  });

  test('is waited for by a thread', async () => {
    const cache = createViewCache();
    const body = `
      parentPort.postMessage('waits');
      awaitAhead(cache, 60_000);
      parentPort.postMessage(sharedView(cache, 'text', () => 0).view.code);
    `;

    await viewAhead(cache, 'text', async () => {
      await inThread(cache, body);
      return view('main');
    });
    const [message] = (await once(threads[0] as Worker, 'message')) as [unknown];

    expect(message).toBe('main');
  });

  test('does not keep a thread for longer than its patience, which then makes its own', async () => {
    const cache = createViewCache();
    let finish: (made: undefined) => void = () => undefined;
    const made = viewAhead(cache, 'text', async () => new Promise<undefined>((resolve) => (finish = resolve)));

    awaitAhead(cache, 1);
    expect(sharedView(cache, 'text', () => view('mine')).view).toEqual(view('mine'));
    finish(undefined);
    await made;
    expect(readView(cache)).toEqual(view('mine'));
  });

  test('comes too late once a thread makes the view', async () => {
    const cache = createViewCache();
    await viewAhead(cache, 'text', async () => {
      sharedView(cache, 'text', () => view('mine'));
      return view('main');
    });
    const again = vi.fn(async () => view('again'));
    await viewAhead(cache, 'text', again);

    expect(readView(cache)).toEqual(view('mine'));
    expect(again).not.toHaveBeenCalled();
  });

  test('that fails leaves the view to threads, which do not wait', async () => {
    const cache = createViewCache();
    await expect(viewAhead(cache, 'text', async () => Promise.reject(new Error('no file')))).rejects.toThrow('no file');

    awaitAhead(cache, Infinity);
    expect(hasView(cache)).toBe(false);
    expect(sharedView(cache, 'text', () => view('mine')).view).toEqual(view('mine'));
  });

  test('is not taken for the view of another text', async () => {
    const cache = createViewCache();
    await viewAhead(cache, 'text', async () => view('main'));

    expect(sharedView(cache, 'changed', () => view('mine')).view).toEqual(view('mine'));
  });
});
