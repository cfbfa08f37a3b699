/** A store that is damaged is refused; it ends no process. @module */

import { mkdirSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openCache } from 'offloop/cache';
import { beforeAll, describe, expect, test } from 'vitest';
import { newPath, opened, drivers } from '../support/caches.ts';
import { isFull } from '../support/full.ts';
import { fixture, run } from '../support/run.ts';

const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_STORE' }) as Error;
const pageSize = 4096;
const metaEnd = 168;

/** The last page that the store uses, as the newer of its first two pages says. */
function pagesUsed(path: string): number {
  const bytes = readFileSync(join(path, 'data.mdb'));
  const newer = [0, pageSize].toSorted((a, b) =>
    Number(bytes.readBigUInt64LE(b + 152) - bytes.readBigUInt64LE(a + 152)),
  )[0] as number;
  return Number(bytes.readBigUInt64LE(newer + 144)) + 1;
}

describe('the file of a store in lmdb', () => {
  let whole: Buffer;
  beforeAll(async () => {
    const path = newPath();
    const cache = openCache(path);
    await Promise.all(Array.from({ length: 500 }, async (_, i) => cache.set(i, 'v'.repeat(i))));
    await cache.set('large', 'x'.repeat(50_000));
    await cache.close();
    whole = readFileSync(join(path, 'data.mdb'));
  });

  const overwritten = (from: number, to: number, byte: number): Buffer => Buffer.from(whole).fill(byte, from, to);
  const withNumber = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(whole);
    for (const page of [0, pageSize]) bytes.writeUInt32LE(value, page + at);
    return bytes;
  };

  test.each<[string, () => Buffer]>([
    ['ends within its first page', () => whole.subarray(0, 100)],
    ['ends after its first page', () => whole.subarray(0, pageSize)],
    ['ends after its first two pages', () => whole.subarray(0, 2 * pageSize)],
    ['lacks its last page', () => whole.subarray(0, whole.length - pageSize)],
    ['lacks its second half', () => whole.subarray(0, whole.length / 2)],
    ['is no file of lmdb', () => Buffer.from('hello world '.repeat(1000))],
    ['consists of zeros', () => Buffer.alloc(whole.length)],
    ['has a damaged first page', () => overwritten(0, metaEnd, 255)],
    ['has a damaged second page', () => overwritten(pageSize, pageSize + metaEnd, 255)],
    ['has no trees', () => overwritten(2 * pageSize, whole.length, 0)],
    ['has another version', () => withNumber(28, 77)],
    ['has pages of a size that there is not', () => withNumber(48, 12_345)],
  ])('is refused where it %s', (_, make) => {
    const path = newPath();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'data.mdb'), make());

    expect(() => openCache(path)).toThrow(refused);
  });

  test('that is damaged anywhere ends no process: it is refused, or used with errors that have codes', async () => {
    const folder = dirname(newPath());
    const count = isFull ? 400 : 15;
    const { code, signal, lines, stderr } = await run(fixture('exits/caching-damaged.mjs'), {
      args: [folder, '0', String(count)],
      deadline: 240_000,
    });

    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(lines).toHaveLength(count);
    for (const line of lines) expect(line).toMatch(/^\d+( done| ERR_OFFLOOP_\w+)+$/);
    // Most of what is damaged is noticed.
    expect(lines.filter((line) => line.endsWith(' ERR_OFFLOOP_STORE')).length).toBeGreaterThan(count / 3);
  }, 300_000);

  test('is opened where it is empty, and where it is shorter than it says, because pages at its end are free', async () => {
    const path = newPath();
    const cache = openCache(path);
    await cache.set('a', 1);
    // The pages of the large value are taken and given back in one commit.
    await Promise.all([cache.set('b', 'x'.repeat(60_000)), cache.delete('b')]);
    await cache.close();

    expect(statSync(join(path, 'data.mdb')).size).toBeLessThan(pagesUsed(path) * pageSize);
    const again = openCache(path);
    expect([...again.entries()]).toEqual([['a', 1]]);
    await again.close();
    truncateSync(join(path, 'data.mdb'));
    expect([...opened({}, path).keys()]).toEqual([]);
  });
});

describe('the file of a store in SQLite', () => {
  // Only where Node.js has SQLite is there such a file.
  test.skipIf(/* needs SQLite */ drivers.length < 2)(
    'is refused where it is damaged, when it is opened or read',
    async () => {
      const path = newPath();
      const cache = openCache(path, { driver: 'sqlite' });
      await Promise.all(Array.from({ length: 500 }, async (_, i) => cache.set(i, 'v'.repeat(i))));
      await cache.close();
      const file = join(path, 'cache.sqlite');
      const bytes = readFileSync(file);
      writeFileSync(file, Buffer.from('hello world '.repeat(1000)));
      expect(() => openCache(path, { driver: 'sqlite' })).toThrow(refused);
      writeFileSync(file, Buffer.from(bytes).fill(255, 20_000));

      expect(() => [...opened({ driver: 'sqlite' }, path).entries()]).toThrow(refused);
    },
  );
});

describe('a path', () => {
  test.each(drivers)(
    'whose store was moved or removed while it is open is refused, with the driver %s',
    async (driver) => {
      const path = newPath();
      const cache = opened({ driver }, path);
      await cache.set('a', 1);
      renameSync(path, `${path}-moved`);
      expect(() => openCache(path, { driver })).toThrow(refused);
      await cache.close();

      expect([...opened({ driver }, path).keys()]).toEqual([]);
      expect([...opened({ driver }, `${path}-moved`).keys()]).toEqual(['a']);
    },
  );

  test('in which no folder can be made is refused', () => {
    const file = newPath();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'no folder');

    for (const path of ['/proc/nope/x', join(file, 'x'), file, 'a\0b']) expect(() => openCache(path)).toThrow(refused);
  });
});
