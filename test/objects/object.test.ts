/** Objects in threads: their members, their calls that overlap, their errors, limits and context. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { controls, Sorter, user } from '../fixtures/objects/sorter.mjs';
import { expectFixed } from '../support/fixed.ts';
import { take } from '../support/take.ts';
import { gate, open, reaches } from '../support/gate.ts';

type Started = Awaited<ReturnType<typeof Sorter.start>>;

const objects: Started[] = [];
afterEach(async () => {
  await Promise.allSettled(objects.splice(0).map(async (object) => controls(object).release()));
});

async function start(...names: string[]): Promise<Started> {
  const object = await Sorter.start(...names);
  objects.push(object);
  return object;
}

describe('an object in a thread', () => {
  test('has the methods, getters, setters and fields of its class', async () => {
    const sorter = await start('Bea', 'Cid');

    expect(await sorter.add('Ada')).toBe(3);
    expect(await sorter.sorted()).toEqual(['Ada', 'Bea', 'Cid']);
    expect([await sorter.size, await sorter.names, await sorter.limit]).toEqual([3, ['Bea', 'Cid', 'Ada'], 100]);
    await sorter.set('limit', 7);
    await sorter.set('names', ['Eve']);
    expect([await sorter.limit, await sorter.names]).toEqual([7, ['Eve']]);
    expect(sorter.threadId).toBeGreaterThan(0);
  });

  test('has a thread of its own, with static members of its own', async () => {
    const [one, other] = [await start(), await start()];

    expect(await one.statics.twice(4)).toBe(8);
    await one.statics.set('created', 41);
    expect([await one.statics.created, await other.statics.created]).toEqual([41, 1]);
    expect(one.threadId).not.toBe(other.threadId);
  });

  test('gives the items of generator methods, sync and async, one iterator each', async () => {
    const sorter = await start('Ada', 'Bea', 'Cid');

    expect(await take(sorter.each())).toEqual(['Ada', 'Bea', 'Cid']);
    expect(await take(sorter.eachLater())).toEqual(['Ada', 'Bea', 'Cid']);
    for await (const name of sorter.with({ maxSize: 1 }).each()) if (name === 'Bea') break;
    expect(await sorter.log).toEqual(['each over', 'each over']);
  });

  test('begins calls in the order in which they were made', async () => {
    const sorter = await start();
    const sizes = await Promise.all(['a', 'b', 'c', 'd'].map((name) => sorter.add(name)));

    expect(sizes).toEqual([1, 2, 3, 4]);
    expect(await sorter.names).toEqual(['a', 'b', 'c', 'd']);
  });

  test('runs other methods while an async one waits', async () => {
    const sorter = await start();
    const it = gate();
    const waiting = [sorter.waits(it), sorter.waits(it)];

    expect(await sorter.add('Ada')).toBe(1);
    expect(await sorter.log).toEqual(['waits', 'waits']);
    open(it);
    expect(await Promise.all(waiting)).toEqual(['waited', 'waited']);
  });

  test('runs other methods while a generator has no room for its next item', async () => {
    const sorter = await start('Ada', 'Bea', 'Cid');
    const seen: string[] = [];
    for await (const name of sorter.with({ maxSize: 1 }).each()) {
      seen.push(name);
      if (seen.length === 20) break;
      // The generator, which iterates over the names, finds this one too.
      await sorter.add(`${name}${seen.length}`);
    }

    expect(seen.slice(0, 5)).toEqual(['Ada', 'Bea', 'Cid', 'Ada1', 'Bea2']);
  });

  test('passes errors on with their class, code and cause', async () => {
    const sorter = await start();
    const error: unknown = await sorter.fails().catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'E_SORTER', message: 'fails' });
    expect((error as Error).constructor.name).toBe('SorterError');
    expect((error as Error).cause).toEqual(new RangeError('why'));
    await expect(sorter.set('limit', -1)).rejects.toMatchObject({ code: 'E_SORTER' });
    await expect(Sorter.start('bad')).rejects.toMatchObject({ code: 'E_SORTER', message: 'bad name' });
  });

  test('calls back functions among the arguments, also blocking', async () => {
    const sorter = await start('Ada', 'Bea');
    await sorter.onAdd((...args: number[]) => args.length);

    expect(await sorter.each2((name: string) => name.length)).toEqual([3, 3]);
    expect(await sorter.notify(1, 2)).toBe(2);
    expect(await sorter.notifySync(1, 2, 3)).toBe(3);
  });

  test('calls a callback that it has kept, in the context of the call that passed it', async () => {
    const sorter = await start();
    const heard: unknown[] = [];
    await user.run('Ada', () => sorter.onAdd((name: string) => heard.push([name, user.get()])));
    await user.run('Bea', () => sorter.add('x'));
    await sorter.add('y');

    expect(await sorter.notify('z')).toBe(3);
    expect(heard).toEqual([
      ['x', 'Ada'],
      ['y', 'Ada'],
      ['z', 'Ada'],
    ]);
    await expect(sorter.notify(Promise)).rejects.toThrow();
  });

  test('knows the context of each call, after an await too, while calls overlap', async () => {
    const sorter = await start();
    const users = ['Ada', 'Bea', 'Cid'].map((name) => user.run(name, () => sorter.userLater()));

    expect(await Promise.all(users)).toEqual(['Ada', 'Bea', 'Cid']);
    expect(await user.run('Dan', () => sorter.user())).toBe('Dan');
    expect(await sorter.user()).toBe('nobody');
  });

  test('knows the signal of each call while calls overlap', async () => {
    const sorter = await start();
    const it = gate();
    const calls = [sorter.idsOf(it), sorter.idsOf(it), sorter.idsOf(it)];
    await sorter.size;
    open(it);

    expect(await Promise.all(calls)).toEqual([true, true, true]);
  });

  test('lives on when a call of it is aborted or takes too long', async () => {
    const sorter = await start();
    const controller = new AbortController();
    const [aborted, late] = [
      sorter.with({ signal: controller.signal }).signalled(),
      sorter.with({ timeout: 20 }).never(),
    ];
    await sorter.size;
    controller.abort(new RangeError('enough'));

    await expect(aborted).rejects.toThrow(new RangeError('enough'));
    await expect(late).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    await sleep(1500);
    expect(await sorter.add('Ada')).toBe(1);
    await expect(sorter.release()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  });

  test('ends with a method that keeps its thread busy after it was given up', async () => {
    const sorter = await start();
    const it = gate();
    const controller = new AbortController();
    const spinning = sorter.with({ signal: controller.signal }).spin(it);
    await reaches(it, 1, 1);
    const behind = sorter.add('Ada');
    controller.abort(new Error('enough'));

    await expect(spinning).rejects.toThrow('enough');
    await expect(behind).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    expect(sorter.status).toBe('dead');
    await sorter.release();
  });

  test('does not run a call that was given up before it began', async () => {
    const sorter = await start();
    const it = gate();
    const controller = new AbortController();
    const spinning = sorter.spin(it);
    await reaches(it, 1, 1);
    const given = sorter.with({ signal: controller.signal }).add('Ada');
    controller.abort(new Error('not needed'));
    open(it);

    await expect(given).rejects.toThrow('not needed');
    expect(await spinning).toBe('spun');
    expect(await sorter.size).toBe(0);
  });

  test('rejects the calls that are out, and later ones, once its thread has died', async () => {
    const sorter = await start();
    const waiting = sorter.never();
    const exited = expect.objectContaining({ code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 3 }) as object;

    await expect(sorter.exits(3)).rejects.toEqual(exited);
    await expect(waiting).rejects.toEqual(exited);
    await expect(sorter.add('Ada')).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_WORKER_EXIT',
      exitCode: 3,
      cause: exited,
    });
    expect([sorter.status, sorter.threadId]).toEqual(['dead', undefined]);
    await sorter.release();
  });

  test('answers here what is not a member of its class', async () => {
    const sorter = await start('Ada');
    const any = sorter as unknown as Record<string | symbol, unknown>;

    expect(await Promise.resolve(sorter)).toBe(sorter);
    for (const name of [
      'then',
      'constructor',
      '__proto__',
      'toJSON',
      'hasOwnProperty',
      'valueOf',
      'nothing',
      'onlyMine',
    ])
      expect([name, any[name]]).toEqual([name, undefined]);
    expect(any[Symbol.iterator]).toBeUndefined();
    expect([JSON.stringify(sorter), String(sorter), inspect(sorter)]).toEqual([
      '{}',
      '[threaded: NameSorter]',
      '[threaded: NameSorter]',
    ]);
    expect(() => (any['names'] = [])).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as Error);
    await expect(sorter.set('nothing' as never, 1 as never)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_FOUND' });
  });

  test('refuses to be changed itself, and so do its nested objects, its static members and its twins', async () => {
    const sorter = await start('Ada');
    const proxies = [sorter, await sorter.cursor(), sorter.statics, sorter.with({ timeout: 1000 })];

    for (const proxy of proxies) expectFixed(proxy);
    const made = await Sorter.with({ instances: 2 }).start();
    expectFixed(made);
    expect(await sorter.add('Bea')).toBe(2);
    await Promise.all([sorter.release(), made.release()]);
  });

  test('names the argument that cannot cross as the program counts it', async () => {
    const sorter = await start('Ada');
    const names = { message: expect.stringContaining(' args[1].deep ') as string, code: 'ERR_OFFLOOP_NOT_CLONEABLE' };

    const wrong = ['', { deep: new WeakMap() }] as never as [string];
    await expect(Sorter.start(...wrong)).rejects.toMatchObject(names);
    await expect(sorter.add(...wrong)).rejects.toMatchObject(names);
    const endless: unknown[] = [];
    for (let at = endless, i = 0; i < 100_000; i += 1) at.push((at = []));
    await expect(sorter.add(endless as never)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
  });
});
