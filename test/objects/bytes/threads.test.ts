/** Byte streams between threads: handles cross, sources stay, and threads die. @module */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Channel, ThreadPool } from 'offloop';
import { byteStream, ByteStreamer } from 'offloop/objects';
import { describe, expect, test } from 'vitest';
import { lengthOf } from '../../fixtures/jobs/byte-takers.mjs';
import {
  die,
  dieReading,
  edit,
  endless,
  hashOf,
  kindOf,
  openFile,
  passedOn,
  readAll,
  takeBy,
} from '../../fixtures/jobs/byte-streams.mjs';
import { fileWith } from '../../support/files.ts';
import { run } from '../../support/run.ts';

const coded = (code: string): unknown => expect.objectContaining({ code });
const large = Buffer.from('0123456789'.repeat(300_000));

async function withPool(use: (pool: ThreadPool) => Promise<void>): Promise<void> {
  const pool = new ThreadPool({ size: 1 });
  try {
    await use(pool);
  } finally {
    await pool.terminate();
  }
}

/** The codes with which all of the calls fail. */
async function codesOf(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const ends = await Promise.allSettled(calls);
  return ends.map((end) => (end.status === 'rejected' ? (end.reason as { code?: unknown }).code : 'fulfilled'));
}

describe('a streamer', () => {
  test('is a result: the file is opened, read and written in the thread', async () => {
    const path = fileWith(large);
    const stream = await (await openFile(path, { mode: 'r+' })).connect();
    expect((await stream.read()).equals(large)).toBe(true);
    await stream.wseek(0);
    await stream.write(Buffer.from('This is an important message'));
    await stream.rseek(0);
    expect(String(await stream.read(28))).toBe('This is an important message');
    await stream.close();

    expect(readFileSync(path).subarray(0, 28).toString()).toBe('This is an important message');
  });

  test('is an argument: the source stays here', async () => {
    expect(large.equals(await readAll(byteStream(large)))).toBe(true);
    expect(large.equals(await readAll(byteStream(fileWith(large)), { readahead: 1000 }))).toBe(true);
    expect(await edit(byteStream(Buffer.from('one'), { mode: 'r+' }), 'two')).toBe('onetwo');
    expect(await kindOf(byteStream(large))).toBe('ByteStreamer');
  });

  test('is known in threads that have imported nothing of byte streams', async () => {
    await withPool(async (pool) => {
      expect(await lengthOf.with({ pool })({ streamer: byteStream(large) })).toBe(large.length);
    });
  });

  test('is passed on and back, however deep it stands, and talks to its source directly', async () => {
    const { deep } = await passedOn(byteStream(Buffer.from('far')));
    expect(deep.inside.streamer).toBeInstanceOf(ByteStreamer);
    const stream = await deep.inside.streamer.connect();
    expect(String(await stream.read())).toBe('far');
    await stream.close();

    const nested = Array.from({ length: 200 }, () => ({ some: 'object' }));
    const back = await passedOn({ nested, streamer: byteStream(Buffer.from('deep')) });
    const again = await back.deep.inside.streamer.streamer.connect();
    expect(String(await again.read())).toBe('deep');
    await again.close();
  });

  test('is refused where only bytes cross', () => {
    const channel = new Channel();
    expect(() => channel.put(byteStream(large))).toThrow(coded('ERR_OFFLOOP_NOT_CLONEABLE'));
  });

  test('passes what its source throws to the other thread', async () => {
    const reading = readAll(byteStream({ read: () => Promise.reject(new RangeError('too far')) }));
    await expect(reading).rejects.toMatchObject({ code: 'ERR_OFFLOOP_STREAM_FAILED', cause: { message: 'too far' } });
    const missing = (await openFile(`${fileWith('')}.missing`)).connect();
    await expect(missing).rejects.toMatchObject({ cause: { code: 'ENOENT' } });
  });
});

describe('a byte stream', () => {
  test('is read by blocking code of a thread, as an iterable or by a function', async () => {
    const stream = await byteStream(large).connect();
    expect(await hashOf(stream)).toBe(createHash('sha256').update(large).digest('hex'));

    const other = await byteStream(Buffer.from('0123456789')).connect();
    expect(await takeBy((most: number) => other.recv(most))).toBe('0123456789');
    await other.close();
  });

  test('fails if the thread of its source dies, in every call', async () => {
    await withPool(async (pool) => {
      const stream = await (await endless.with({ pool })()).connect({ readahead: 1000 });
      expect((await stream.recv()).length).toBeGreaterThan(0);
      const failed = stream.waitStatus('failed');
      const told = new Promise((resolve) => stream.observe({ failed: resolve }));
      const calls = [stream.read(), stream.rseek(0), stream.write(large), stream.flush(), stream.position()];
      const codes = codesOf(calls);
      await expect(die.with({ pool })()).rejects.toEqual(coded('ERR_OFFLOOP_WORKER_EXIT'));

      expect(new Set(await codes)).toEqual(new Set(['ERR_OFFLOOP_DISCONNECTED']));
      expect(await failed).toBe(true);
      expect(await told).toEqual(coded('ERR_OFFLOOP_DISCONNECTED'));
      await stream.close();
    });
  });

  test('fails while it is written, closed and connected if the thread of its source dies', async () => {
    await withPool(async (pool) => {
      const writing = await (await endless.with({ pool })()).connect();
      const closing = await (await endless.with({ pool })()).connect();
      const late = await endless.with({ pool })();
      await closing.write(large.subarray(0, 9));
      const codes = codesOf([writing.write(large), closing.close()]);
      await die
        .with({ pool })()
        .catch(() => undefined);

      expect(await codes).toEqual(['ERR_OFFLOOP_DISCONNECTED', 'ERR_OFFLOOP_DISCONNECTED']);
      await expect(late.connect()).rejects.toEqual(coded('ERR_OFFLOOP_DISCONNECTED'));
    });
  });

  test('closes its source if the thread that reads dies', async () => {
    await withPool(async (pool) => {
      const done: string[] = [];
      const closed = new Promise<void>((resolve) => {
        const streamer = byteStream({
          read: () => undefined,
          write: (_position, bytes) => void done.push(String(Buffer.from(bytes))),
          close: resolve,
        });
        dieReading
          .with({ pool })(streamer)
          .catch(() => done.push('died'));
      });
      await closed;
      expect(done[0]).toBe('written');
    });
  });

  test('does not keep a process alive by itself, but a pending call does', async () => {
    const code = `
      import { byteStream } from 'offloop/objects';
      import { readAll } from './test/fixtures/jobs/byte-streams.mjs';
      const idle = await byteStream('package.json').connect();
      await idle.recv(1);
      await readAll(byteStream(Buffer.from('x')));
      const pending = await byteStream('package.json').connect({ endOfStream: 'follow' });
      await pending.read(1);
      pending.read(undefined, { timeout: 300 }).catch(({ code }) => console.log(code));
    `;
    const result = await run('--input-type=module', { args: ['-e', code] });
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'ERR_OFFLOOP_TIMEOUT\n' });
  });

  test('is closed when it is garbage-collected, with its source', async () => {
    const code = `
      import { byteStream } from 'offloop/objects';
      let closed = false;
      await (async () => {
        const source = { read: () => Buffer.alloc(10), close: () => (closed = true) };
        const stream = await byteStream(source).connect({ readahead: 100 });
        await stream.recv(1);
      })();
      for (let turns = 0; turns < 1000 && !closed; turns += 1) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      console.log(closed);
    `;
    const result = await run('--expose-gc', { args: ['--input-type=module', '-e', code] });
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'true\n' });
  });
});
