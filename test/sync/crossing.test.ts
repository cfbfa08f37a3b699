/** Primitives as arguments, results, items and parts of others, there and back. @module */

import { Channel, configure, Event, Lock, Semaphore, ThreadPool } from 'offloop';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { all } from '../support/items.ts';

const pool = new ThreadPool({ size: 2 });
afterAll(async () => pool.close());
afterEach(() => configure({ inline: false }));

const make = {
  Event: () => new Event(),
  Lock: () => new Lock(),
  Semaphore: () => new Semaphore(2),
  Channel: () => new Channel(),
};
const kinds = Object.keys(make) as (keyof typeof make)[];
const visit = jobs.visit.with({ pool });

describe.each(kinds)('a primitive of the class %s', (kind) => {
  test('arrives as what it is, and comes back as the object that it was', async () => {
    const it = make[kind]();
    const { text, value } = await visit(it);

    expect(text).toMatch(new RegExp(`^${kind} \\{`));
    expect(value).toBe(it);
    expect(await jobs.visitApart(it)).toBe(it);
  });

  test('may stand anywhere in others', async () => {
    const it = make[kind]();
    const list = [it, new Map([['key', { it }]]), new Set([it]), { deep: { deeper: [it] } }] as const;
    const { value } = await visit(list);

    expect(value[0]).toBe(it);
    expect(value[1].get('key').it).toBe(it);
    expect([...value[2]][0]).toBe(it);
    expect(value[3].deep.deeper[0]).toBe(it);
  });

  test('is found beyond the bounded look', async () => {
    const it = make[kind]();
    const list = Array.from({ length: 1000 }, (_, i) => (i === 900 ? { it } : { i }));

    expect((await visit(list)).value[900].it).toBe(it);
    expect((await visit([new Map(list.map((item, i) => [i, item]))])).value[0].get(900).it).toBe(it);
  });

  test('is one object in a thread, however often it crosses', async () => {
    await using one = new ThreadPool({ size: 1 });
    const it = make[kind]();

    expect(await jobs.isSame.with({ pool: one })(it, it)).toBe(true);
    await jobs.keeps.with({ pool: one })(it);
    expect(await jobs.keeps.with({ pool: one })(it)).toBe(true);
    expect(await jobs.keeps.with({ pool: one })(make[kind]())).toBe(false);
  });

  test('crosses in callbacks, both ways', async () => {
    const it = make[kind]();
    let given: unknown;
    const ask = async (wrapped: unknown): Promise<unknown> => (given = (wrapped as { it: unknown }).it);

    expect(await jobs.asks.with({ pool })(ask, it)).toBe(true);
    expect(given).toBe(it);
  });

  test('crosses as an item', async () => {
    const it = make[kind]();
    const [first, second] = (await all(jobs.gives.with({ pool })(it, { it }))) as [unknown, { it: unknown }];

    expect(first).toBe(it);
    expect(second.it).toBe(it);
  });

  test('crosses inline', async () => {
    configure({ inline: true });
    const it = make[kind]();

    expect((await jobs.visit(it)).value).toBe(it);
    expect(await jobs.isSame(it, it)).toBe(true);
  });

  test('is refused by structured clone', () => {
    const it = make[kind]();

    for (const value of [it, { it }, [it]]) expect(() => structuredClone(value)).toThrow(/could not be cloned/);
  });
});

describe('a primitive', () => {
  test('in the fields of a registered class crosses with it', async () => {
    const desk = new jobs.Desk(new Lock());
    const { value } = await visit(desk);
    expect(value).toBeInstanceOf(jobs.Desk);
    expect(value.lock).toBe(desk.lock);

    const drawer = new jobs.Drawer(new Event());
    const { value: other } = await visit(drawer);
    expect(other).toBeInstanceOf(jobs.Drawer);
    expect(other.event).toBe(drawer.event);
  });

  test('that a thread has made works here', async () => {
    const { event, semaphore } = await jobs.makes.with({ pool })();

    expect([event, semaphore]).toEqual([expect.any(Event), expect.any(Semaphore)]);
    expect([event.isSet, semaphore.value]).toEqual([true, 2]);
  });

  test('of a class that extends one of these arrives as what it extends', async () => {
    class Bell extends Event {}
    const bell = new Bell();
    const { text, value } = await visit(bell);

    expect(text).toBe('Event { set: false }');
    expect(value).toBe(bell);
  });
});
