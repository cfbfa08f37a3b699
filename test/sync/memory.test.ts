/** The memory of a channel, and channels with little memory. @module */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Channel, ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { all } from '../support/items.ts';
import { fixture } from '../support/run.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;
const chunk = (size: number, mark = 1): Uint8Array => new Uint8Array(size).fill(mark);

/** A digest of many bytes, to compare them. */
const seen = (bytes: Uint8Array | undefined): unknown[] => [bytes?.length, bytes?.[0], bytes?.at(-1)];

/** Puts items of `make` until there is no room; gives how many were put. */
function fill(channel: Channel<Uint8Array>, make: (n: number) => Uint8Array): number {
  for (let n = 0; ; n += 1) if (!channel.tryPut(make(n))) return n;
}

describe('the memory of a channel', () => {
  test.each([
    [{}, 2 ** 26],
    [{ maxSize: 1 }, 2 ** 26],
    [{ maxSize: 4096 }, 2 ** 28],
    [{ maxSize: Infinity }, 2 ** 30],
    [{ maxBytes: 2 ** 16 }, 2 ** 16],
    [{ maxBytes: 10_000_000, maxSize: Infinity }, 10_000_000],
  ])('of %o is bounded by %i bytes', (options, bytes) => {
    expect(new Channel(options).maxBytes).toBe(bytes);
  });

  test.each([0, 1000, 2 ** 30 + 1, 1e6 + 0.5, Infinity, '1', null])('is not bounded by %s', (maxBytes) => {
    expect(() => new Channel({ maxBytes: maxBytes as number })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('is the same for all threads, and holds up producers', async () => {
    const channel = new Channel<Uint8Array>({ maxSize: Infinity, maxBytes: 2 ** 20 });
    const count = fill(channel, (n) => chunk(10_000, n));
    expect(count).toBeGreaterThan(80);
    expect(count * 10_000).toBeLessThan(2 ** 20);
    expect(await jobs.code.with({ pool })(channel, 'put', chunk(10_000), { timeout: 5 })).toBe('ERR_OFFLOOP_TIMEOUT');

    const putting = jobs.puts.with({ pool })(channel, [chunk(10_000), chunk(200_000, 2)], { closes: true });
    const items = await all(channel);
    await putting;
    expect(items.length).toBe(count + 2);
    expect(seen(items.at(-1))).toEqual([200_000, 2, 2]);
  });

  test('has room for a large item when small ones have used all of it before', async () => {
    const channel = new Channel<Uint8Array>({ maxSize: Infinity, maxBytes: 2 ** 20 });
    for (const size of [1000, 60_000, 3000]) {
      fill(channel, () => chunk(size));
      for (let left = channel.size; left > 0; left -= 1) await channel.get();
      expect(channel.tryPut(chunk(2 ** 18 - 64, 7))).toBe(true);
      expect(channel.tryPut(chunk(size, 8))).toBe(true);

      expect([await channel.get(), await channel.get()].map(seen)).toEqual([
        [2 ** 18 - 64, 7, 7],
        [size, 8, 8],
      ]);
    }
  });

  test.each([2 ** 16, 70_000, 2 ** 18])(
    'of %i bytes has room for a quarter of that, time and again',
    async (maxBytes) => {
      const channel = new Channel<Uint8Array>({ maxBytes });
      const most = maxBytes / 4 - 16;
      for (let i = 0; i < 100; i += 1) {
        expect(channel.tryPut(chunk(i % 3 === 0 ? most : 1 + ((i * 997) % most), i))).toBe(true);
        expect(seen(await channel.get()).slice(1)).toEqual([i, i]);
      }
      expect(channel.maxBytes).toBe(maxBytes);
    },
  );

  test('has none for an item that is larger than all of it', () => {
    const channel = new Channel<Uint8Array>({ maxBytes: 2 ** 20 });

    expect(() => channel.tryPut(chunk(2 ** 20))).toThrow(coded('ERR_OFFLOOP_OVERFLOW'));
    expect(channel.tryPut(chunk(1000))).toBe(true);
  });

  test.runIf(process.platform === 'linux')(
    'leaves addresses for a thousand others where they are limited',
    async () => {
      const limited = `ulimit -v 16000000 && exec "$0" "$1"`;
      const program = [process.execPath, fixture('exits/many-channels.mjs')];
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', limited, ...program]);

      expect({ stdout, stderr }).toEqual({ stdout: '1000 500015 true\n', stderr: '' });
    },
  );
});
