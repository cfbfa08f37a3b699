/** Objects that methods return: proxies of what stays in the thread, and streams of entities. @module */

import { describe, expect, onTestFinished, test } from 'vitest';
import { controls, Sorter } from '../fixtures/objects/sorter.mjs';
import { take } from '../support/take.ts';

type Started = Awaited<ReturnType<typeof Sorter.start>>;

async function start(...names: string[]): Promise<Started> {
  const object = await Sorter.start(...names);
  onTestFinished(async () => controls(object).release());
  return object;
}

describe('an object that a method returns', () => {
  test('stays in the thread, and is used there by its proxy', async () => {
    const sorter = await start('Ada', 'Bea');
    const [one, other] = [await sorter.cursor(), await sorter.cursorLater()];

    expect([await one.next(), await one.next(), await one.next(), await other.next()]).toEqual([
      'Ada',
      'Bea',
      undefined,
      'Ada',
    ]);
    expect(one.threadId).toBe(sorter.threadId);
    expect(await sorter.cursorsMade()).toBe(2);
  });

  test('is itself again where its proxy is an argument', async () => {
    const sorter = await start('Ada');
    const [one, other] = [await sorter.cursor(), await sorter.cursor()];

    expect([await one.sameAs(one), await one.sameAs(other), await sorter.takes(one)]).toEqual([true, false, 'Ada']);
  });

  test('has one proxy, also if it is the object itself', async () => {
    const sorter = await start();

    expect(await sorter.self()).toBe(sorter);
    // What was described again is still known whole.
    expect(await sorter.statics.twice(4)).toBe(8);
  });

  test('is refused in the thread of another object', async () => {
    const [sorter, elsewhere] = [await start('Ada'), await start()];
    const cursor = await sorter.cursor();

    await expect(elsewhere.takes(cursor)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
    expect(await elsewhere.add('Bea')).toBe(1);
  });

  test('is released by itself, or with its owner, and disposed of once', async () => {
    const sorter = await Sorter.start('Ada');
    const logs: string[][] = [];
    await sorter.keepDispose((log: string[]) => logs.push(log));
    const [one] = [await sorter.cursor(), await sorter.cursor()];
    await Promise.all([one.release(), one.release()]);

    await expect(one.next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    expect([one.status, await sorter.log]).toEqual(['released', ['cursor']]);
    await sorter.release();
    expect(logs).toEqual([['cursor', 'cursor', 'disposed']]);
  });

  test('is gone with the thread', async () => {
    const sorter = await start('Ada');
    const cursor = await sorter.cursor();
    await sorter.exits(1).catch(() => undefined);

    await expect(cursor.next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    await cursor.release();
  });
});

describe('an entity stream', () => {
  test('gives the sorted names of the sorter', async () => {
    const sorter = await start();
    for (const n of [5, 3, 4, 1, 2]) await sorter.add(`John Doe #${n}`);
    const names = await sorter.reset();

    expect(names.window).toBe(2);
    expect(await take(names)).toEqual([1, 2, 3, 4, 5].map((n) => `John Doe #${n}`));
    expect(await sorter.size).toBe(0);
  });

  test('keeps falsy values, and values of every kind', async () => {
    const sorter = await start();
    const values = [2.5, false, 'Some Text', [0, 1], 0, '', null, undefined];
    await sorter.set('names', values as never);

    expect(await take(await sorter.values())).toEqual(values);
  });

  test('whose thread ends tells of it by its name', async () => {
    const sorter = await start('x');
    const lost = take(await sorter.stream(10_000));
    await sorter.exits(3).catch(() => undefined);

    const message = expect.stringContaining('NameSorter.entityStream') as string;
    await expect(lost).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', message });
  });

  test('is never further ahead of its consumer than its window', async () => {
    const sorter = await start('x');
    const stream = await sorter.stream(10_000);
    const items: unknown[] = [];
    for await (const item of stream) {
      items.push(item);
      if (items.length === 1) {
        for (let i = 0; i < 20; i += 1) await sorter.size;
        const [produced] = (await sorter.names) as unknown as [number];
        expect(produced).toBeLessThanOrEqual(12);
      }
    }

    expect(items).toHaveLength(10_000);
  });

  test('has one consumer, and ends when it is closed', async () => {
    const sorter = await start('Ada');
    const [stream, closed] = [await sorter.reset(), await sorter.reset()];
    await take(stream);
    await closed.close();

    for (const each of [stream, closed])
      expect(() => each[Symbol.asyncIterator]()).toThrow(
        expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as Error,
      );
  });

  test('rejects with the end of the thread, after what had arrived', async () => {
    const sorter = await start('x');
    const items = (await sorter.stream(Infinity))[Symbol.asyncIterator]();
    expect((await items.next()).value).toBe(0);
    await sorter.exits(4).catch(() => undefined);
    const drained = async (): Promise<void> => {
      for (;;) await items.next();
    };

    await expect(drained()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 4 });
  });

  test('is used in its own thread too', async () => {
    const sorter = await start('Bea', 'Ada');

    expect(await sorter.resetHere()).toEqual(['Ada', 'Bea']);
  });
});
