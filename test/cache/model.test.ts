/** A cache is a sorted map: random operations have the same effects on both. @module */

import * as fc from 'fast-check';
import type { Cache, CacheKey } from 'offloop/cache';
import { describe, expect, test } from 'vitest';
import { keyBytes, keyOf } from '../../src/cache/key.ts';
import { drivers, opened } from '../support/caches.ts';
import { tries } from '../support/full.ts';

const part = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'b', '\0', '\u0001', '\0\u0001', 'é', '😀'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }).map((it) => it + 0),
);
const key: fc.Arbitrary<CacheKey> = fc.oneof(part, fc.array(part, { minLength: 1, maxLength: 3 }));
const small: fc.Arbitrary<CacheKey> = fc.oneof(
  fc.constantFrom<CacheKey>('a', 'ab', 'abc', 'b', 0, 1, -1, ['a'], ['a', 1], ['a', 'b'], ['b', 'a'], [1, 'a']),
  key,
);

const command = fc.oneof(
  fc.record({ does: fc.constant('set' as const), key: small, value: fc.integer() }),
  fc.record({ does: fc.constant('expired' as const), key: small, value: fc.integer() }),
  fc.record({ does: fc.constant('delete' as const), key: small }),
  fc.record({ does: fc.constant('get' as const), key: small }),
  fc.record({
    does: fc.constant('read' as const),
    low: fc.option(fc.record({ key: small, isIn: fc.boolean() })),
    high: fc.option(fc.record({ key: small, isIn: fc.boolean() })),
    prefix: fc.option(fc.constantFrom<string | (string | number)[]>('', 'a', 'ab', ['a'], [1], ['a', 'b'])),
    reverse: fc.boolean(),
    limit: fc.option(fc.integer({ min: 0, max: 4 })),
  }),
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** The order of keys by its definition: numbers before strings by code points, arrays by elements, shorter ones first. */
function compare(a: CacheKey, b: CacheKey): number {
  const [left, right] = [[a].flat(), [b].flat()] as (string | number)[][];
  for (const [i, one] of (left as (string | number)[]).entries()) {
    const other = (right as (string | number)[])[i];
    if (other === undefined) return 1;
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
    if (one === other) continue;
    if (typeof one === 'number') return one < (other as number) ? -1 : 1;
    // A string ends before all others that it begins; so an array with it stands before those too.
    return Buffer.compare(Buffer.from(one), Buffer.from(other as string));
  }
  if ((right as unknown[]).length > (left as unknown[]).length) return -1;
  return Number(Array.isArray(a)) - Number(Array.isArray(b));
}

function isIn(it: CacheKey, { low, high, prefix }: Extract<Command, { does: 'read' }>): boolean {
  if (low && (compare(it, low.key) < 0 || (!low.isIn && compare(it, low.key) === 0))) return false;
  if (high && (compare(it, high.key) > 0 || (!high.isIn && compare(it, high.key) === 0))) return false;
  if (prefix === null) return true;
  if (typeof prefix === 'string') return typeof it === 'string' && it.startsWith(prefix);
  return Array.isArray(it) && prefix.every((element, i) => element === (it as unknown[])[i]);
}

async function follow(cache: Cache<number>, commands: readonly Command[]): Promise<void> {
  const model = new Map<string, { key: CacheKey; value: number }>();
  const nameOf = (it: CacheKey): string => Buffer.from(keyBytes(it)).toString('hex');
  for (const it of commands) {
    if (it.does === 'set') {
      await cache.set(it.key, it.value);
      model.set(nameOf(it.key), it);
    } else if (it.does === 'expired') {
      // So short that it is over when the write is.
      await cache.set(it.key, it.value, { ttl: Number.MIN_VALUE });
      model.delete(nameOf(it.key));
    } else if (it.does === 'delete') {
      await cache.delete(it.key);
      model.delete(nameOf(it.key));
    } else if (it.does === 'get') {
      const entry = model.get(nameOf(it.key));
      expect([cache.get(it.key), cache.has(it.key)]).toEqual([entry?.value, entry !== undefined]);
    } else {
      const { low, high, prefix, reverse, limit } = it;
      const expected = [...model.values()]
        .filter((entry) => isIn(entry.key, it))
        .toSorted((a, b) => compare(a.key, b.key));
      if (reverse) expected.reverse();
      const range = {
        ...(low && { [low.isIn ? 'gte' : 'gt']: low.key }),
        ...(high && { [high.isIn ? 'lte' : 'lt']: high.key }),
        prefix: prefix ?? undefined,
        limit: limit ?? undefined,
        reverse,
      };
      expect([...cache.entries(range)]).toEqual(
        expected.slice(0, limit ?? Infinity).map((entry) => [entry.key, entry.value]),
      );
    }
  }
}

describe.each(drivers)('a cache with the driver %s', (driver) => {
  test('is a sorted map', async () => {
    const cache = opened<number>({ driver });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 30 }), async (commands) => {
        await cache.deleteRange();
        await follow(cache, commands);
      }),
      { numRuns: tries(300) },
    );
  }, 300_000);
});

describe('the bytes of a key', () => {
  test('give the key back', () => {
    fc.assert(
      fc.property(key, (it) => {
        expect(keyOf(new Uint8Array(keyBytes(it)))).toEqual(it);
      }),
      { numRuns: 2000 },
    );
  });

  test('order as the keys do', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const first = new Uint8Array(keyBytes(a));
        expect(Math.sign(Buffer.compare(first, keyBytes(b)))).toBe(Math.sign(compare(a, b)));
      }),
      { numRuns: 2000 },
    );
  });
});
