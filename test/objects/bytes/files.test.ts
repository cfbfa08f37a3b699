/** Byte streams of files: one that grows, one that is large, and streams of other kinds made of them. @module */

import {
  appendFileSync,
  openSync,
  closeSync,
  ftruncateSync,
  readFileSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { byteStream } from '../../../src/objects/bytes/index.ts';
import { overPorts } from '../../support/byte-streams.ts';
import { fileWith } from '../../support/files.ts';
import { isFull } from '../../support/full.ts';

const coded = (code: string): unknown => expect.objectContaining({ code });
const ends = [
  ['in process', (it: ReturnType<typeof byteStream>) => it],
  ['over ports', overPorts],
] as const;

describe.each(ends)('a byte stream of a file %s', (_name, from) => {
  test('follows a file that grows, and finds that it was truncated', async () => {
    const path = fileWith('one');
    const stream = await from(byteStream(path)).connect({ endOfStream: 'follow' });
    expect(String(await stream.recv())).toBe('one');
    const two = stream.recv();
    appendFileSync(path, 'two');
    expect(String(await two)).toBe('two');

    truncateSync(path, 1);
    await expect(stream.recv()).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await stream.rseek(0);
    expect(String(await stream.recv())).toBe('o');
    await stream.close();
  });

  test('reads a large sparse file with flat memory', { timeout: 300_000 }, async () => {
    const path = fileWith('');
    const size = isFull ? 2 ** 30 : 2 ** 28;
    const file = openSync(path, 'r+');
    ftruncateSync(file, size);
    writeSync(file, Buffer.from('end'), 0, 3, size - 3);
    closeSync(file);
    const stream = await from(byteStream(path)).connect();
    let read = 0;
    let last: Uint8Array = Buffer.alloc(0);
    let most = 0;
    for await (const chunk of stream) {
      if (read === 0) most = -process.memoryUsage().arrayBuffers;
      read += chunk.length;
      last = chunk;
      // The most that was held beyond the beginning, garbage included.
      if (read % 2 ** 26 === 0) expect(process.memoryUsage().arrayBuffers + most).toBeLessThan(2 ** 27);
    }

    expect(read).toBe(size);
    expect(String(Buffer.from(last.subarray(-3)))).toBe('end');
  });

  test('takes a URL, and fails to connect if there is no such file', async () => {
    const url = pathToFileURL(fileWith('here'));
    const stream = await from(byteStream(url)).connect();
    expect(String(await stream.read())).toBe('here');
    await stream.close();

    const missing = from(byteStream(`${url.pathname}.missing`)).connect();
    await expect(missing).rejects.toMatchObject({ code: 'ERR_OFFLOOP_STREAM_FAILED', cause: { code: 'ENOENT' } });
  });

  test('becomes a web stream to read, which closes it, also when it is cancelled', async () => {
    const path = fileWith('0123456789'.repeat(100_000));
    const stream = await from(byteStream(path)).connect();
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream.readableStream()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(readFileSync(path))).toBe(true);
    expect(stream.status).toBe('closed');

    const left = await from(byteStream(path)).connect();
    const reader = left.readableStream().getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
    expect(left.status).toBe('closed');
  });

  test('becomes a web stream to write, which flushes and closes it', async () => {
    const path = fileWith('');
    const stream = await from(byteStream(path, { mode: 'w' })).connect();
    await new Blob(['0123456789'.repeat(100_000)]).stream().pipeTo(stream.writableStream());

    expect(statSync(path).size).toBe(1_000_000);
    expect(stream.status).toBe('closed');
  });

  test('becomes streams of Node.js, which close it', async () => {
    const path = fileWith('0123456789'.repeat(100_000));
    const copy = fileWith('');
    const source = await from(byteStream(path)).connect();
    const target = await from(byteStream(copy, { mode: 'w' })).connect();
    await pipeline(source.nodeReadable(), target.nodeWritable());

    expect(readFileSync(copy).equals(readFileSync(path))).toBe(true);
    expect(await source.waitStatus('closed')).toBe(true);
    expect(target.status).toBe('closed');
  });

  test('passes errors on to the streams made of it, and is closed by theirs', async () => {
    const broken = {
      read: () => Promise.reject(new Error('broken')),
      write: () => Promise.reject(new Error('broken')),
    };
    const failed = { code: 'ERR_OFFLOOP_STREAM_FAILED' };
    const open = () => from(byteStream(broken)).connect();
    await expect((await open()).readableStream().getReader().read()).rejects.toMatchObject(failed);
    await expect(
      pipeline((await open()).nodeReadable(), async (it: AsyncIterable<unknown>) => {
        for await (const _ of it) continue;
      }),
    ).rejects.toMatchObject(failed);
    await expect(pipeline(Readable.from([Buffer.alloc(9)]), (await open()).nodeWritable())).rejects.toMatchObject(
      failed,
    );
    await expect(new Blob(['x']).stream().pipeTo((await open()).writableStream())).rejects.toMatchObject(failed);

    const stream = await from(byteStream(fileWith(''), { mode: 'w' })).connect();
    const source = Readable.from(
      (function* () {
        yield Buffer.alloc(1);
        throw new Error('no more');
      })(),
    );
    await expect(pipeline(source, stream.nodeWritable())).rejects.toThrow('no more');
    expect(await stream.waitStatus('closed')).toBe(true);
  });
});
