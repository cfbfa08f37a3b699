/** Sources that the program defines: what they are asked for, what becomes of what they throw, and windows. @module */

import { describe, expect, test } from 'vitest';
import { byteStream } from '../../../src/objects/bytes/index.ts';
import type { ByteSource } from '../../../src/objects/bytes/index.ts';
import { userSource } from '../../../src/objects/bytes/source/user-source.ts';
import { connected, overPorts } from '../../support/byte-streams.ts';

const coded = (code: string): unknown => expect.objectContaining({ code });
const digits = Buffer.from('0123456789');
const turns = async (count: number): Promise<void> => {
  for (let left = count; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
};

/** What a source throws. */
class Broken extends Error {
  readonly facts = { sector: 7 };
}

describe('a source of the program', () => {
  test('may reuse the array that it gives, and be read by streams that keep what they get', async () => {
    const own = Buffer.alloc(4);
    const source = {
      length: () => 12,
      read(position: number, length: number) {
        own.fill(String(position % 10));
        return own.subarray(0, Math.min(length, 4, 12 - position));
      },
    };
    for (const stream of [await byteStream(source).connect(), await overPorts(byteStream(source)).connect()]) {
      const parts = [await stream.recv(), await stream.recv(), await stream.recv()];
      expect(parts.join()).toBe('0000,4444,8888');
      await stream.close();
    }
  });

  test('is opened once, asked one thing at a time, and closed once', async () => {
    const asked: string[] = [];
    let atWork = 0;
    const works = async (name: string): Promise<void> => {
      atWork += 1;
      asked.push(atWork === 1 ? name : `${name} beside another`);
      await turns(2);
      atWork -= 1;
    };
    const data = Buffer.from(digits);
    const stream = await byteStream({
      open: () => works('open'),
      close: () => works('close'),
      flush: () => works('flush'),
      length: () => 10,
      async read(position, length) {
        await works('read');
        return data.subarray(position, position + length);
      },
      async write(position, bytes) {
        await works('write');
        data.set(bytes, position);
      },
    }).connect({ readahead: false });

    await Promise.all([stream.write(Buffer.from('ab')), stream.write(Buffer.from('c')), stream.flush()]);
    await stream.rseek(0);
    expect(String(await stream.recv(4))).toBe('abc3');
    await stream.close();
    expect(asked).toEqual(['open', 'write', 'write', 'flush', 'read', 'close']);
  });

  test('that cannot seek is read in order, and refuses seeks', async () => {
    const source = {
      mode: { seekForward: false, seekBackward: false },
      read: (position: number, length: number) => digits.subarray(position, position + length),
    };
    const stream = await byteStream(source).connect();
    expect(String(await stream.recv(3))).toBe('012');

    await expect(stream.rseek(0)).rejects.toEqual(coded('ERR_OFFLOOP_MODE'));
    await expect(stream.rseek(5)).rejects.toEqual(coded('ERR_OFFLOOP_MODE'));
    await expect(stream.rseek(0, { from: 'end' })).rejects.toEqual(coded('ERR_OFFLOOP_MODE'));
    expect(String(await stream.read())).toBe('3456789');
    await stream.close();
  });

  test('goes on with a read that a refused seek has interrupted, and drops one after a seek', async () => {
    const asked: number[] = [];
    let answer: (() => void) | undefined;
    const source = {
      length: () => 10,
      read(position: number, length: number) {
        asked.push(position);
        if (position !== 3) return digits.subarray(position, position + Math.min(length, 3));
        return new Promise<Buffer>((resolve) => (answer = () => resolve(digits.subarray(3, 6))));
      },
    };
    const stream = await byteStream(source).connect();
    expect(String(await stream.read(3))).toBe('012');
    await turns(3);
    expect(asked).toEqual([0, 3]);

    await expect(stream.rseek(99)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    answer?.();
    expect(String(await stream.read(3))).toBe('345');
    expect(asked.slice(0, 3)).toEqual([0, 3, 6]);

    await stream.rseek(3);
    await stream.rseek(7);
    expect(String(await stream.read())).toBe('789');
    answer?.();
    await stream.close();
  });

  test.each<[string, ByteSource, RegExp]>([
    ['open', { open: fails, read: () => digits, close: () => 0 }, /be opened/],
    ['read', { read: fails, length: () => 10 }, /read/],
    ['length', { read: () => digits, length: fails }, /tell its length/],
    ['start', { read: () => digits, start: fails }, /tell its start/],
    ['watch', { read: () => undefined, watch: fails }, /be watched/],
  ])('fails its stream for good if its %s throws', async (_name, source, named) => {
    for (const from of [(it: ReturnType<typeof byteStream>) => it, overPorts]) {
      const use = async (): Promise<unknown> => {
        const stream = await from(byteStream(source)).connect({ endOfStream: 'follow' });
        const failed = stream.waitStatus('failed');
        const error: unknown = await stream.read().catch((it: unknown) => it);
        expect(await failed).toBe(true);
        await expect(stream.rseek(0)).rejects.toBe(error);
        await expect(stream.position()).rejects.toBe(error);
        await stream.close();
        throw error;
      };
      const error = await use().catch((it: unknown) => it);
      expect(error).toEqual(coded('ERR_OFFLOOP_STREAM_FAILED'));
      expect((error as Error).cause).toMatchObject({ message: 'broken', facts: { sector: 7 } });
      expect((error as Error).message).toMatch(named);
    }
  });

  test.each<[string, Partial<ByteSource>]>([
    ['write', { write: fails }],
    ['flush', { write: () => 0, flush: fails }],
    ['truncateAfter', { write: () => 0, truncateAfter: fails }],
  ])('fails its stream if its %s throws, and is closed', async (name, methods) => {
    let closed = 0;
    const stream = await byteStream({ ...methods, close: () => (closed += 1) }).connect();
    const told: string[] = [];
    stream.observe({ failed: ({ code }) => told.push(code) });
    await stream.write(digits);
    const call = name === 'truncateAfter' ? stream.truncateAfter() : stream.flush();

    await expect(call).rejects.toEqual(coded('ERR_OFFLOOP_STREAM_FAILED'));
    expect(stream.status).toBe('failed');
    expect(told).toEqual(['ERR_OFFLOOP_STREAM_FAILED']);
    expect(closed).toBe(1);
    await stream.close();
  });

  test('whose writes fail unnoticed, or that cannot be closed, is reported by close', async () => {
    const unnoticed = await byteStream({ write: fails }).connect();
    await unnoticed.write(digits);
    await expect(unnoticed.close()).rejects.toEqual(coded('ERR_OFFLOOP_STREAM_FAILED'));

    const stuck = await byteStream({ read: () => digits, close: fails }).connect();
    await expect(stuck.close()).rejects.toEqual(coded('ERR_OFFLOOP_STREAM_FAILED'));
    expect(stuck.status).toBe('failed');
    await stuck.close();
  });

  test.each<[string, ByteSource]>([
    ['more bytes than were asked for', { read: (_at, length) => Buffer.alloc(length + 1) }],
    ['a text', { read: () => 'text' as never }],
    ['nothing before its end', { read: () => undefined, length: () => 10 }],
    ['a length that is no number', { read: () => undefined, length: () => 'ten' as never }],
    ['a negative start', { read: () => undefined, start: () => -1 }],
  ])('fails its stream if it gives %s', async (_words, source) => {
    const read = async (): Promise<unknown> => (await byteStream(source).connect()).read();
    const error: unknown = await read().catch((it: unknown) => it);

    expect(error).toEqual(coded('ERR_OFFLOOP_STREAM_FAILED'));
    expect((error as Error).cause).toEqual(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test.each(['local', 'port'] as const)(
    'is never read beyond the window of a reader that stands still (%s)',
    async (carrier) => {
      let most = 0;
      const source = {
        read(position: number, length: number) {
          most = Math.max(most, position + length);
          return Buffer.alloc(Math.min(length, 1000));
        },
      };
      const { stream } = await connected(userSource(source), { carrier, readahead: 10_000 });
      await stream.recv(1);
      await turns(100);
      expect(most).toBe(10_000);
      await stream.read(9_999);
      await turns(100);
      expect(most).toBe(20_000);
      await stream.close();
    },
  );

  test.each([
    ['twice and again, if it is far away', 5, [4001, 8000]],
    ['not at all, if it is near and slow', 0, [750, 1000]],
  ])('is read further ahead, up to a bound: %s', async (_, delay, [least, most]) => {
    let far = 0;
    let reader = 0;
    const source = {
      async read(position: number, length: number) {
        if (delay === 0) await turns(3);
        far = Math.max(far, position + length - reader);
        return Buffer.alloc(Math.min(length, 250));
      },
    };
    const { stream } = await connected(userSource(source), {
      carrier: 'local',
      turns: () => delay,
      readahead: 1000,
      mostReadahead: 8000,
    });
    while (reader < 200_000) reader += (await stream.recv(250)).length;
    expect(far).toBeGreaterThanOrEqual(least as number);
    expect(far).toBeLessThanOrEqual(most as number);
    // A reader that stands still, and then takes what is there, does not wait for bytes.
    far = 0;
    await turns(20 * (delay + 1));
    reader += (await stream.recv(250)).length;
    await turns(20 * (delay + 1));
    expect(far).toBeLessThanOrEqual(most as number);
    await stream.close();
  });

  test.each(['local', 'port'] as const)('is never written beyond the window of a writer (%s)', async (carrier) => {
    const written: number[] = [];
    let go: (() => void) | undefined;
    const source = {
      async write(_position: number, bytes: Uint8Array) {
        await new Promise<void>((resolve) => (go = resolve));
        written.push(bytes.length);
      },
    };
    const { stream } = await connected(userSource(source), { carrier, window: 1000 });
    let sent = 0;
    while (sent < 1000) sent += await stream.send(Buffer.alloc(300));
    await expect(stream.send(Buffer.alloc(1), { timeout: 20 })).rejects.toEqual(coded('ERR_OFFLOOP_TIMEOUT'));
    expect(sent).toBe(1000);

    const closing = stream.flush();
    const total = (): number => written.reduce((sum, length) => sum + length, 0);
    while (total() < 1000) {
      go?.();
      await turns(1);
    }
    await closing;
    await stream.close();
  });

  test('follows the end: a reader waits, and goes on when there is more', async () => {
    let data = Buffer.from('01');
    let changed: (() => void) | undefined;
    const watched = {
      length: () => data.length,
      read: (position: number, length: number) => data.subarray(position, position + length),
      watch(tell: () => void) {
        changed = tell;
        return () => (changed = undefined);
      },
    };
    const { watch: _watch, ...unwatched } = watched;
    for (const source of [watched, unwatched]) {
      data = Buffer.from('01');
      const stream = await byteStream(source).connect({ endOfStream: 'follow' });
      expect(String(await stream.read(2))).toBe('01');
      const more = stream.read(2);
      await turns(5);
      data = Buffer.from('0123');
      changed?.();
      expect(String(await more)).toBe('23');

      stream.setEndOfStream('current');
      const still = stream.recv(1, { timeout: 10 });
      await expect(still).rejects.toEqual(coded('ERR_OFFLOOP_TIMEOUT'));
      await stream.rseek(0, { from: 'current' });
      expect((await stream.recv(1)).length).toBe(0);
      await stream.close();
      expect(changed).toBe(undefined);
    }
  });

  test.each(['local', 'port'] as const)('fails all calls of a stream that has lost it (%s)', async (carrier) => {
    const source = { read: () => new Promise<undefined>(() => undefined), write: () => 0 };
    const { stream, loseStreamer } = await connected(userSource(source), { carrier });
    const calls = [stream.recv(), stream.position(), stream.rseek(0), stream.write(digits), stream.flush()];
    await turns(5);
    loseStreamer();

    for (const call of calls) await expect(call).rejects.toEqual(coded('ERR_OFFLOOP_DISCONNECTED'));
    expect(stream.status).toBe('failed');
    await stream.close();
  });

  test.each(['local', 'port'] as const)(
    'is closed once it has lost its stream, after what was sent (%s)',
    async (carrier) => {
      const done: unknown[] = [];
      const closed = new Promise<void>((resolve) => {
        const source = {
          async write(position: number) {
            await turns(3);
            done.push(position);
          },
          close() {
            done.push('close');
            resolve();
          },
        };
        void connected(userSource(source), { carrier }).then(async ({ stream, loseStream }) => {
          await Promise.all([stream.write(digits), stream.write(digits)]);
          return loseStream();
        });
      });
      await closed;

      expect(done).toEqual([0, 10, 'close']);
    },
  );
});

function fails(): never {
  throw new Broken('broken');
}
