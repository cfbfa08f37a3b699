/** What every driver of a cache has to do. @module */

import { writeFileSync } from 'node:fs';
import { openCache } from 'offloop/cache';
import type { Cache, CacheKey, CacheOptions } from 'offloop/cache';
import { describe, expect, test } from 'vitest';
import { isKeySink } from '../../src/base/takes-key.ts';
import { Latch } from '../../src/base/latch.ts';
import { drivers, newPath, opened } from '../support/caches.ts';

const wrong = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;
const closed = expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' }) as Error;

const sorted: CacheKey[] = [
  -Infinity,
  -2.5,
  -1,
  0,
  1,
  [1],
  [1, 'a'],
  2,
  10,
  Infinity,
  '',
  'A',
  'a',
  ['a'],
  ['a', 1],
  ['a', 'b'],
  ['a', 'b', 'c'],
  'a\0',
  'a\u0001',
  'aa',
  ['aa'],
  'b',
  'é',
  '\uffff',
  '😀',
];

describe.each(drivers)('a cache with the driver %s', (driver) => {
  const open = <V = unknown>(options: CacheOptions = {}, path?: string): Cache<V> =>
    opened<V>({ driver, ...options }, path);

  test.each([
    ['a string', 'text'],
    ['undefined', undefined],
    [
      'a map in itself',
      (() => {
        const map = new Map<string, unknown>();
        return map.set('self', map);
      })(),
    ],
    ['an error with a cause', new RangeError('far', { cause: new Date(5) })],
    ['bytes', new Uint8Array([0, 255, 1])],
    ['a long text', 'x'.repeat(100_000)],
  ])('gives back %s', async (_, value) => {
    const cache = open();

    await cache.set('key', value);
    expect(cache.get('key')).toEqual(value);
    expect(cache.has('key')).toBe(true);
    expect([...cache.entries()]).toEqual([['key', value]]);
  });

  test('has nothing for a key that was not set, or was removed', async () => {
    const cache = open();
    await cache.set('gone', 1);
    await cache.delete('gone');
    await cache.delete('never there');

    expect([cache.get('gone'), cache.has('gone'), [...cache.keys()]]).toEqual([undefined, false, []]);
  });

  test('keeps entries after it was closed', async () => {
    const path = newPath();
    const first = openCache(path, { driver });
    await first.set(['a', 1], 'here');
    await first.close();

    expect([...open({}, path).entries()]).toEqual([[['a', 1], 'here']]);
  });

  test('orders numbers before strings, and arrays by their elements', async () => {
    const cache = open();
    await Promise.all(sorted.toReversed().map(async (key) => cache.set(key, key)));

    expect([...cache.keys()]).toEqual(sorted);
    expect([...cache.keys({ reverse: true })]).toEqual(sorted.toReversed());
    for (const key of sorted) expect(cache.get(key)).toEqual(key);
  });

  test('gives the entries of a range', async () => {
    const cache = open();
    await Promise.all(sorted.map(async (key) => cache.set(key, 1)));
    const keys = (range: Parameters<Cache['keys']>[0]): CacheKey[] => [...cache.keys(range)];

    expect(keys({ gte: 1, lt: 'A' })).toEqual([1, [1], [1, 'a'], 2, 10, Infinity, '']);
    expect(keys({ gt: 1, lte: 2 })).toEqual([[1], [1, 'a'], 2]);
    expect(keys({ gt: 'a', lte: ['a', 'b'], reverse: true })).toEqual([['a', 'b'], ['a', 1], ['a']]);
    expect(keys({ prefix: 'a' })).toEqual(['a', 'a\0', 'a\u0001', 'aa']);
    expect(keys({ prefix: 'a', gt: 'a', limit: 2 })).toEqual(['a\0', 'a\u0001']);
    expect(keys({ prefix: ['a'] })).toEqual([['a'], ['a', 1], ['a', 'b'], ['a', 'b', 'c']]);
    expect(keys({ prefix: ['a', 'b'], reverse: true, limit: 1 })).toEqual([['a', 'b', 'c']]);
    expect(keys({ prefix: 'none' })).toEqual([]);
    expect(keys({ limit: 0 })).toEqual([]);
    expect([...cache.values({ prefix: ['aa'] })]).toEqual([1]);
  });

  test('removes the entries of a range', async () => {
    const cache = open();
    await Promise.all(Array.from({ length: 600 }, async (_, i) => cache.set(i, i)));

    expect(await cache.deleteRange({ gte: 5, lt: 595 })).toBe(590);
    expect([...cache.keys()]).toEqual([0, 1, 2, 3, 4, 595, 596, 597, 598, 599]);
    expect(await cache.deleteRange()).toBe(10);
  });

  test('reads what was written while a range is read', async () => {
    const cache = open();
    await Promise.all(Array.from({ length: 50 }, async (_, i) => cache.set(i, 'before')));
    const seen: unknown[] = [];

    for (const [key] of cache.entries()) {
      if (key === 3) await Promise.all([cache.set(49, 'after'), cache.delete(48)]);
      seen.push(key);
    }
    expect(seen).not.toContain(48);
    expect(cache.get(49)).toBe('after');
  });

  test('sees its own writes once they are acknowledged, in the same turn', async () => {
    const cache = open<number>();

    for (let i = 0; i < 30; i += 1) {
      await cache.set('n', i);
      expect(cache.get('n')).toBe(i);
      await cache.transaction('n', (tx) => tx.set('m', i));
      expect(cache.get('m')).toBe(i);
    }
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['NaN', NaN],
    ['a boolean', true],
    ['an object', {}],
    ['bytes', new Uint8Array(1)],
    ['an empty array', []],
    ['an array in an array', [['a']]],
    ['a lone surrogate', '\ud800'],
    ['a string that is too long', 'a'.repeat(1978)],
    ['an array that is too long', ['a'.repeat(1000), 'b'.repeat(1000)]],
    ['a string whose UTF-8 is too long', 'é'.repeat(989)],
  ])('refuses %s as a key', async (_, key) => {
    const cache = open();

    expect(() => cache.get(key as never)).toThrow(wrong);
    await expect(cache.set(key as never, 1)).rejects.toThrow(wrong);
    await expect(cache(key as never, 1)).rejects.toThrow(wrong);
    await expect(cache.transaction(key as never, () => 1)).rejects.toThrow(wrong);
    if (key !== undefined) expect(() => cache.keys({ gt: key as never, lt: 1 })).toThrow(wrong);
  });

  test('takes a key of 1,978 bytes', async () => {
    const cache = open();
    const keys: CacheKey[] = ['a'.repeat(1977), ['a'.repeat(1000), 'b'.repeat(974)]];
    for (const key of keys) await cache.set(key, 1, { ttl: 60_000 });

    expect([...cache.keys()]).toEqual(keys.toReversed());
  });

  test('refuses a value that is no data, by its path, and options that there are not', async () => {
    const cache = open();
    const refused = expect.objectContaining({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringContaining('value.a') as string,
    }) as Error;

    await expect(cache.set('a', { a: () => 1 })).rejects.toThrow(refused);
    await expect(cache.set('a', 1, { ttl: 0 })).rejects.toThrow(wrong);
    await expect(cache.set('a', 1, { life: 1 } as never)).rejects.toThrow(wrong);
    expect(() => cache.keys({ gt: 1, gte: 1 })).toThrow(wrong);
    expect(() => cache.keys({ prefix: 1 as never })).toThrow(wrong);
    expect(() => cache.updates({ maxSize: 0 })).toThrow(wrong);
    expect(() => openCache(newPath(), { driver, maxEntries: 0 })).toThrow(wrong);
    expect(() => openCache('')).toThrow(wrong);
  });

  test('is one store for all who open the same path, with the same options', async () => {
    const path = newPath();
    const [first, second] = [open({}, path), open({}, path)];
    await first.set('a', 1);

    expect(second.get('a')).toBe(1);
    expect(() => openCache(path, { driver, ttl: 5 })).toThrow(wrong);
    await first.close();
    expect(second.get('a')).toBe(1);
  });

  test('refuses its use once it is closed, and has made the writes before', async () => {
    const path = newPath();
    const cache = openCache(path, { driver });
    const begun = new Latch();
    const writing = cache.set('a', 1);
    const running = cache.transaction('b', async (tx) => {
      tx.set('b', 2);
      begun.open();
      await writing;
    });
    await begun.opened;
    const waiting = cache.transaction('b', () => expect.unreachable());
    const iterator = cache.entries();
    const updates = cache.updates();
    const closing = Promise.all([cache.close(), cache.close()]);

    expect(() => cache.get('a')).toThrow(closed);
    expect(() => [...iterator]).toThrow(closed);
    expect(() => cache.updates()).toThrow(closed);
    await expect(cache.set('a', 1)).rejects.toThrow(closed);
    await expect(running).rejects.toThrow(closed);
    await expect(waiting).rejects.toThrow(closed);
    expect(await updates.next()).toEqual({ value: undefined, done: true });
    await closing;
    expect([...open({}, path).keys()]).toEqual(['a']);
  });

  test('says which path cannot be opened', () => {
    const file = newPath();
    writeFileSync(file, 'no folder');

    expect(() => openCache(file, { driver })).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_STORE' }) as Error);
  });

  test('refuses to block on the main side', () => {
    const cache = open();

    for (const blocks of [
      () => cache.setSync('a', 1),
      () => cache.deleteSync('a'),
      () => cache.transactionSync('a', () => 1),
    ])
      expect(blocks).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_WOULD_BLOCK' }) as Error);
  });

  test('publishes what it is called with', async () => {
    const cache = open();
    const updates = cache.updates();
    await cache.set('silent', 0);
    await cache('loud', { n: 1 });

    expect(updates.drain()).toEqual([['loud', { n: 1 }]]);
    expect([cache.get('silent'), cache.get('loud')]).toEqual([0, { n: 1 }]);
  });

  test('removes what has expired', async () => {
    const path = newPath();
    const cache = openCache<number>(path, { driver, ttl: 60 });
    await Promise.all([cache.set('short', 1), cache.set('long', 2, { ttl: Infinity }), cache.set('renewed', 3)]);

    await expect.poll(() => cache.has('short')).toBe(false);
    await cache.set('renewed', 4, { ttl: 60_000 });
    expect([cache.get('short'), cache.get('long'), cache.get('renewed')]).toEqual([undefined, 2, 4]);
    expect([...cache.entries()]).toEqual([
      ['long', 2],
      ['renewed', 4],
    ]);
    await cache.close();
    // Also while nobody has it open.
    expect([...open({}, path).entries()]).toEqual([
      ['long', 2],
      ['renewed', 4],
    ]);
  });
});

describe('a cache', () => {
  // Only where Node.js has SQLite is there another driver.
  test.skipIf(/* needs SQLite */ drivers.length < 2)('refuses the store of another driver', async () => {
    const path = newPath();
    await openCache(path).close();

    expect(() => openCache(path, { driver: 'sqlite' })).toThrow(wrong);
  });

  test('is a function, whose name and inspection tell what it is', () => {
    const cache = opened({});

    expect(typeof cache).toBe('function');
    expect(cache.call).toBe(Function.prototype.call);
    expect(cache.closed).toBe(false);
    expect(isKeySink(cache)).toBe(true);
  });
});
