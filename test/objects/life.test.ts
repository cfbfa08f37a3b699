/** How objects begin and end: release, places, restarts, several instances, threads that die at each step. @module */

import { once } from 'node:events';
import { configure } from 'offloop';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { controls, Sorter } from '../fixtures/objects/sorter.mjs';
import { gate, open } from '../support/gate.ts';
import { hasSettled } from '../support/has-settled.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';
import { take } from '../support/take.ts';

type Started = Awaited<ReturnType<typeof Sorter.start>>;

const exited = expect.objectContaining({ code: 'ERR_OFFLOOP_WORKER_EXIT' }) as object;
const closed = expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' }) as object;

function releasedAtEnd(object: Started): Started {
  onTestFinished(async () =>
    controls(object)
      .release()
      .catch(() => undefined),
  );
  return object;
}

describe('the release of an object', () => {
  test('waits for calls in flight, then disposes of the object, and ends its thread', async () => {
    const sorter = await Sorter.start();
    const it = gate();
    const logs: string[][] = [];
    await sorter.keepDispose((log: string[]) => logs.push(log));
    const waiting = sorter.waits(it);
    await sorter.size;
    const released = sorter.release();
    await expect(sorter.size).rejects.toEqual(closed);
    expect([await hasSettled(released), logs, sorter.status]).toEqual([false, [], 'released']);
    open(it);

    expect(await waiting).toBe('waited');
    await released;
    expect(logs).toEqual([['waits', 'waited', 'disposed']]);
    expect(sorter.threadId).toBeUndefined();
    expect(sorter.release()).toBe(sorter.release());
  });

  test('ends its iterators with a code', async () => {
    const sorter = await Sorter.start('Ada', 'Bea');
    const names = sorter.with({ maxSize: 1 }).each();
    expect((await names.next()).value).toBe('Ada');
    await sorter.release();

    await expect(take(names)).rejects.toEqual(closed);
  });

  test('rejects with what the dispose throws', async () => {
    const sorter = await Sorter.start();
    await sorter.keepDispose(() => {
      throw new RangeError('cannot');
    });

    await expect(sorter.release()).rejects.toThrow(new RangeError('cannot'));
    expect(sorter.threadId).toBeUndefined();
  });

  test('gives up a dispose that does not end, and ends the thread', async () => {
    const sorter = await Sorter.with({ disposeTimeout: 20 }).start();
    await sorter.keepDispose(() => new Promise(() => {}));

    await expect(sorter.release()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    expect([sorter.status, sorter.threadId]).toEqual(['released', undefined]);
  });

  test('ends the objects that its methods have returned, with the same code', async () => {
    const sorter = await Sorter.start('Ada');
    const cursor = await sorter.cursor();
    const stream = await sorter.values();
    await sorter.release();

    await expect(cursor.next()).rejects.toEqual(closed);
    await expect(take(stream)).rejects.toEqual(closed);
    await cursor.release();
  });

  test('comes with the end of the block', async () => {
    let kept: Started;
    const logs: string[][] = [];
    {
      await using sorter = await Sorter.start();
      await sorter.keepDispose((log: string[]) => logs.push(log));
      kept = sorter;
    }

    expect([kept.status, logs]).toEqual(['released', [['disposed']]]);
  });
});

describe('the start of an object', () => {
  afterEach(() => configure({ maxWorkers: 16 }));

  test('waits for a place, of which there are maxWorkers', async () => {
    configure({ maxWorkers: 1 });
    const first = await Sorter.start('first');
    const names = ['Ada'];
    const second = Sorter.start(...names);
    names[0] = 'changed';

    await expect(Sorter.with({ queueTimeout: 20 }).start()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_QUEUE_TIMEOUT',
    });
    await expect(Sorter.with({ signal: AbortSignal.abort(new Error('no')) }).start()).rejects.toThrow('no');
    expect(await hasSettled(second)).toBe(false);
    await first.release();
    const sorter = releasedAtEnd(await second);
    expect(await sorter.names).toEqual(['Ada']);
  });

  test('gives its place back if the constructor throws', async () => {
    configure({ maxWorkers: 1 });
    await expect(Sorter.start('bad')).rejects.toMatchObject({ code: 'E_SORTER' });

    releasedAtEnd(await Sorter.start());
  });

  test.each([
    [{ instances: 0 }, 'instances'],
    [{ supervise: { maxRestarts: -1 } }, 'maxRestarts'],
    [{ supervise: { often: 1 } }, 'often'],
    [{ nothing: 1 }, 'nothing'],
  ])('refuses the options %o', (options, name) => {
    expect(() => Sorter.with(options as never)).toThrow(name);
  });
});

describe('a supervised object', () => {
  const supervise = { maxRestarts: 2, within: 60_000 };

  test('is started again with the same arguments, until that was too often', async () => {
    const sorter = releasedAtEnd(await Sorter.with({ supervise }).start('Ada'));
    await sorter.add('Bea');
    for (let i = 0; i < 2; i += 1) {
      await expect(sorter.exits(1)).rejects.toEqual(exited);
      expect([await sorter.names, sorter.status]).toEqual([['Ada'], 'alive']);
    }
    await expect(sorter.exits(1)).rejects.toEqual(exited);

    await expect(sorter.size).rejects.toEqual(exited);
    expect(sorter.status).toBe('dead');
  });

  test.each([supervise, undefined])(
    'is reported if an error ends its thread that no call has thrown: %o',
    async (policy) => {
      const sorter = releasedAtEnd(await Sorter.with({ supervise: policy }).start('Ada'));
      const warned = once(process, 'warning');
      await sorter.failsLater(new RangeError('much later'));

      const [warning] = (await warned) as [Error & { code: string; detail: string }];
      expect(warning).toMatchObject({ name: 'OffloopWarning', code: 'OFFLOOP_OBJECT_LOST' });
      expect(warning.message).toMatch(/NameSorter .*much later/);
      expect(warning.detail).toMatch(/^RangeError: much later\n/);
      expect(await sorter.size.catch((error: unknown) => error)).toEqual(policy ? 1 : exited);
    },
  );

  test('does not reach what methods of the thread before have returned', async () => {
    const sorter = releasedAtEnd(await Sorter.with({ supervise }).start('Ada'));
    const cursor = await sorter.cursor();
    await sorter.exits(1).catch(() => undefined);
    const next = await sorter.cursor();

    await expect(cursor.next()).rejects.toEqual(exited);
    // It is not taken for what has the same place in the new thread.
    await expect(sorter.takes(cursor)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    expect(await sorter.takes(next)).toBe('Ada');
  });

  test('can be released while it is started again', async () => {
    const sorter = await Sorter.with({ supervise }).start('Ada');
    const [end, later] = [sorter.exits(1).catch(() => undefined), sorter.never()];
    const lost = expect(later).rejects.toEqual(exited);
    await end;
    const waiting = sorter.size.catch((error: unknown) => error);
    await sorter.release();
    await lost;

    expect(await waiting).toMatchObject({ code: /CLOSED|EXIT/ });
    expect(sorter.threadId).toBeUndefined();
  });
});

describe('several instances', () => {
  test('share the calls; those of one key go to one instance', async () => {
    const sorter = releasedAtEnd(await Sorter.with({ instances: 3 }).start());
    const it = gate();
    const busy = [sorter.waits(it), sorter.waits(it), sorter.waits(it)];
    const logs = await Promise.all([1, 2, 3].map(async () => sorter.log));
    expect(logs).toEqual([['waits'], ['waits'], ['waits']]);
    open(it);
    await Promise.all(busy);

    const keys = ['Ada', 'Bea', 'Cid', 'Dan', 'Eve'];
    for (const key of [...keys, ...keys]) await sorter.with({ key }).add(key);
    for (const key of keys) expect((await sorter.with({ key }).names).filter((name) => name === key)).toHaveLength(2);
  });

  test('go on without one that has died', async () => {
    const sorter = releasedAtEnd(await Sorter.with({ instances: 2 }).start());
    await expect(sorter.exits(1)).rejects.toEqual(exited);

    for (let i = 1; i < 4; i += 1) expect(await sorter.add('Ada')).toBe(i);
    expect(sorter.status).toBe('dead');
  });

  test('are all set by one set, and released together', async () => {
    const sorter = await Sorter.with({ instances: 2 }).start();
    await sorter.set('limit', 3);
    for (const key of [1, 2, 3, 4, 5]) expect(await sorter.with({ key }).limit).toBe(3);
    await sorter.release();

    await expect(sorter.size).rejects.toEqual(closed);
    expect(sorter.status).toBe('released');
  });
});

describe('a thread that dies', () => {
  const steps: Readonly<Record<string, (sorter: Started) => Promise<unknown>>> = {
    'while a method waits': (sorter) => sorter.never(),
    'while a callback runs': (sorter) => sorter.each2(() => new Promise(() => {})),
    'while a generator has no room': (sorter) => take(sorter.with({ maxSize: 1 }).eachSlowly()),
    'while an entity stream is read': async (sorter) => take(await sorter.stream(Infinity)),
  };

  test.each(Object.entries(steps))('settles everything %s', async (_, step) => {
    const sorter = releasedAtEnd(await Sorter.start('Ada', 'Bea', 'Cid'));
    const it = gate();
    await sorter.dieAt(it);
    const outcome = step(sorter).catch((error: unknown) => error);
    const behind = sorter.add('Dan').catch((error: unknown) => error);
    open(it);

    expect(await outcome).toEqual(exited);
    await behind;
    await expect(sorter.size).rejects.toEqual(exited);
  });

  test('ends a release that waits for it', async () => {
    const sorter = await Sorter.start();
    const it = gate();
    await sorter.keepDispose(() => open(it));
    await sorter.neverDisposed(it);
    await sorter.release();

    expect([sorter.status, sorter.threadId]).toEqual(['released', undefined]);
  });
});

describe('a program with an object', () => {
  test('ends by itself, also in its own file, without a release', async () => {
    const folder = project({
      'main.mjs': `import { threadedObject } from 'offloop/objects';
        class Counter { n = 0; add(by) { return (this.n += by); } *upTo(n) { for (let i = 0; i < n; i += 1) yield i; } }
        const Threaded = threadedObject(Counter);
        const counter = await Threaded.start();
        await counter.add(2);
        console.log(await counter.add(3), await counter.n);
        for await (const i of counter.upTo(2)) console.log(i);`,
    });

    expect(await run('main.mjs', { cwd: folder })).toMatchObject({ code: 0, lines: ['5 5', '0', '1'], stderr: '' });
  });

  test('runs inline too', async () => {
    const folder = project({
      'main.mjs': `import { threadedObject } from 'offloop/objects';
        class Counter {
          n = 0;
          add(by) { return (this.n += by); }
          async later() { await null; return this.n; }
          *upTo(n) { for (let i = 0; i < n; i += 1) yield i; }
          twice(f) { return f(2); }
          fails() { throw new RangeError('no'); }
          [Symbol.dispose]() { console.log('disposed'); }
        }
        const Threaded = threadedObject(Counter);
        await using counter = await Threaded.start();
        await counter.add(2);
        console.log(await counter.add(3), await counter.later(), await counter.twice((n) => n * 2));
        for await (const i of counter.upTo(2)) console.log(i);
        await counter.fails().catch((error) => console.log(error.message));
        await counter.release();`.replace('await using counter', 'const counter'),
    });

    expect(await run('main.mjs', { cwd: folder, env: { OFFLOOP_INLINE: '1' } })).toMatchObject({
      code: 0,
      lines: ['5 5 4', '0', '1', 'no', 'disposed'],
      stderr: '',
    });
  });
});
