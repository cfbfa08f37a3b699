/** A byte stream reads, writes and seeks as one would in a file, in process and over ports. @module */

import { readFileSync } from 'node:fs';
import { MessagePort } from 'node:worker_threads';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { byteStream } from '../../../src/objects/bytes/index.ts';
import type { ByteStream, ByteStreamer, ConnectOptions } from '../../../src/objects/bytes/index.ts';
import { overPorts } from '../../support/byte-streams.ts';
import { fileWith } from '../../support/files.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (from: string): Buffer => Buffer.from(from, 'latin1');
const coded = (code: string): unknown => expect.objectContaining({ code });

const sentence = 'This byte data will be exposed as a readable stream';

describe.each([
  ['in process', (streamer: ByteStreamer) => streamer],
  ['over ports', overPorts],
])('a byte stream %s', (_name, from) => {
  const open = (
    source: Parameters<typeof byteStream>[0],
    options?: Parameters<typeof byteStream>[1],
    connect?: ConnectOptions,
  ): Promise<ByteStream> => from(byteStream(source, options)).connect(connect);

  test('writes to a file, seeks, and reads back what it wrote', async () => {
    const path = fileWith('');
    const stream = await open(path, { mode: 'r+' }, { readahead: true });
    expect(await stream.waitStatus('active')).toBe(true);

    await stream.wseek(0);
    await stream.write(bytes('This is an important message'));
    stream.setEndOfStream('current');
    stream.enableReadahead();
    await stream.rseek(0);
    expect(text(await stream.read())).toBe('This is an important message');

    await stream.close();
    expect(readFileSync(path, 'latin1')).toBe('This is an important message');
  });

  test('gives all bytes, then none at the end, and none again', async () => {
    const stream = await open(bytes(sentence));
    const parts: string[] = [];
    for (let part = await stream.recv(7); part.length > 0; part = await stream.recv(7)) parts.push(text(part));

    expect(parts.join('')).toBe(sentence);
    expect(Math.max(...parts.map((part) => part.length))).toBe(7);
    expect((await stream.recv(7)).length).toBe(0);
    expect((await stream.read()).length).toBe(0);
    await stream.close();
  });

  test('takes calls that are not awaited in their order', async () => {
    const stream = await open(bytes('..........'), { mode: 'r+' });
    const [, , , read, , position, , , rest] = await Promise.all([
      stream.write(bytes('abc')),
      stream.write(bytes('def')),
      stream.rseek(0),
      stream.read(4),
      stream.wseek(1),
      stream.position(),
      stream.write(bytes('X')),
      stream.rseek(0),
      stream.read(),
    ]);

    expect(text(read)).toBe('abcd');
    expect(position).toBe(1);
    expect(text(rest)).toBe('aXcdef....');
    await stream.close();
  });

  test('turns from reading to writing at the first byte that was not taken, however far it has read ahead', async () => {
    const stream = await open(bytes('0123456789'), { mode: 'r+' });

    expect(text(await stream.recv(3))).toBe('012');
    await stream.write(bytes('ab'));
    expect(await stream.position()).toBe(5);
    expect(text(await stream.read())).toBe('56789');
    await stream.seek(0);
    expect(text(await stream.read())).toBe('012ab56789');
    await stream.close();
  });

  test('counts seeks from 0, from the start, from the end and from where it is', async () => {
    const stream = await open(bytes('0123456789'), { mode: 'r+' });
    await stream.wseek(2);
    await stream.truncateBefore();

    await stream.rseek(3);
    expect(text(await stream.recv(1))).toBe('3');
    await stream.rseek(1, { from: 'start' });
    expect(text(await stream.recv(1))).toBe('3');
    await stream.rseek(-2, { from: 'end' });
    expect(text(await stream.recv(1))).toBe('8');
    await stream.seek(-4, { from: 'current' });
    expect(text(await stream.read())).toBe('56789');
    await stream.close();
  });

  test('sends a part of the bytes at once, and writes all of them', async () => {
    const stream = await open(bytes(''), { mode: 'r+', window: 4 });

    expect(await stream.send(bytes('0123456789'))).toBe(4);
    expect(await stream.send(bytes(''))).toBe(0);
    await stream.write(bytes('456789'));
    await stream.flush();
    await stream.rseek(0);
    expect(text(await stream.read())).toBe('0123456789');
    await stream.close();
  });

  test('cuts the data after the position, and goes on there', async () => {
    const path = fileWith('0123456789');
    const stream = await open(path, { mode: 'r+' });
    await stream.wseek(4);
    await stream.truncateAfter();
    await stream.write(bytes('!'));
    await stream.flush();

    expect(readFileSync(path, 'latin1')).toBe('0123!');
    await stream.close();
  });

  test('refuses a position outside, and stays where it was with what it has read', async () => {
    const stream = await open(bytes('0123456789'));
    expect(text(await stream.recv(2))).toBe('01');

    await expect(stream.rseek(11)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await expect(stream.rseek(-1)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await expect(stream.rseek(1, { from: 'end' })).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    expect(await stream.position()).toBe(2);
    expect(text(await stream.read())).toBe('23456789');
    await stream.rseek(10);
    expect((await stream.read()).length).toBe(0);
    await stream.close();
  });

  test('loses its position when the source is truncated below it, after the bytes before, until a seek', async () => {
    const path = fileWith('0123456789');
    const reader = await open(path, {}, { readahead: 4 });
    expect(text(await reader.recv(2))).toBe('01');
    const writer = await open(path, { mode: 'r+' });
    await writer.wseek(1);
    await writer.truncateAfter();
    await writer.close();

    await expect(reader.read()).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    expect(reader.status).toBe('active');
    for (;;) {
      const rest = await reader.recv(10).catch((error: unknown) => error);
      if (Buffer.isBuffer(rest)) continue;
      expect(rest).toEqual(coded('ERR_OFFLOOP_POSITION'));
      break;
    }
    await expect(reader.position()).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await expect(reader.rseek(0, { from: 'current' })).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await reader.rseek(0);
    expect(text(await reader.read())).toBe('0');
    await reader.close();
  });

  test('gives up a call after its time or by its signal, and loses nothing by that', async () => {
    const path = fileWith('abc');
    const stream = await open(path, { mode: 'r+' }, { endOfStream: 'follow' });
    await stream.rseek(0);

    const all = stream.read(5, { timeout: 50 });
    await expect(all).rejects.toEqual(coded('ERR_OFFLOOP_TIMEOUT'));
    expect(text(await stream.read(3))).toBe('abc');
    await expect(stream.recv(1, { timeout: 0 })).rejects.toEqual(coded('ERR_OFFLOOP_TIMEOUT'));

    const impatient = new AbortController();
    const waiting = stream.recv(1, { signal: impatient.signal });
    const behind = stream.recv(1, { timeout: 20 });
    await expect(behind).rejects.toEqual(coded('ERR_OFFLOOP_TIMEOUT'));
    impatient.abort(new Error('had a train to catch'));
    await expect(waiting).rejects.toThrow('had a train to catch');
    expect(await stream.position()).toBe(3);
    await stream.close();
  });

  test('closes at once for calls that wait, and after what was sent', async () => {
    const path = fileWith('');
    const stream = await open(path, { mode: 'r+' }, { endOfStream: 'follow' });
    await stream.write(bytes('written'));
    const waiting = stream.recv(1);
    const closing = stream.close();

    expect(stream.status).toBe('closing');
    await expect(waiting).rejects.toEqual(coded('ERR_OFFLOOP_CLOSED'));
    await closing;
    expect(stream.status).toBe('closed');
    expect(readFileSync(path, 'latin1')).toBe('written');
    await expect(stream.recv(1)).rejects.toEqual(coded('ERR_OFFLOOP_CLOSED'));
    await expect(stream.write(bytes('x'))).rejects.toEqual(coded('ERR_OFFLOOP_CLOSED'));
    await stream.close();
  });

  test('tells of its states, and that one can no longer be reached', async () => {
    const stream = await open(bytes('x'));

    expect(await stream.waitStatus('active', { timeout: 0 })).toBe(true);
    expect(await stream.waitStatus(['closed', 'failed'], { timeout: 10 })).toBe(false);
    const closed = stream.waitStatus(['closed', 'failed']);
    const failed = stream.waitStatus('failed');
    await stream.close();
    expect(await closed).toBe(true);
    expect(await failed).toBe(false);
    expect(await stream.waitStatus('active')).toBe(false);
  });

  test('tells observers when there is something to read, after which they read all', async () => {
    const stream = await open(bytes(sentence), {}, { readahead: true });
    let seen = '';
    const ended = new Promise<void>((resolve) => {
      stream.observe({
        async canRecv() {
          for (;;) {
            const part = await stream.recv(1000, { timeout: 0 }).catch(() => undefined);
            if (!part) return;
            if (part.length === 0) return resolve();
            seen += text(part);
          }
        },
      });
    });
    await stream.rseek(0);
    await ended;

    expect(seen).toBe(sentence);
    await stream.close();
  });

  test('tells observers of room, of lost positions and of the end', async () => {
    const told: string[] = [];
    const stream = await open(bytes('0123'), { mode: 'r+', flags: { endCanIncrease: false } });
    const stop = stream.observe({
      canSend: () => told.push('canSend'),
      contextError: ({ code }) => told.push(code),
      closed: () => told.push('closed'),
    });
    stream.observe({ closed: () => told.push('also closed') });
    await stream.wseek(3);
    await stream.write(bytes('45'));
    await expect(stream.flush()).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    expect(told).toEqual(['canSend', 'ERR_OFFLOOP_POSITION']);

    stop();
    await stream.close();
    expect(told.slice(2)).toEqual(['also closed']);
  });

  test('reports a write that was refused by the next call, which may be close', async () => {
    const fixed = { mode: 'r+', flags: { endCanIncrease: false } } as const;
    const first = await open(bytes('0123'), fixed);
    await first.write(bytes('01234'));
    await expect(first.close()).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await first.close();

    const second = await open(bytes('0123'), fixed);
    await second.write(bytes('01234'));
    await expect(second.rseek(0)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await second.rseek(0);
    expect(text(await second.read())).toBe('0123');
    await second.close();
  });

  test('ends an iteration at the end of the data and closes, also when it is left', async () => {
    const stream = await open(bytes(sentence));
    let seen = '';
    for await (const chunk of stream) seen += text(chunk);
    expect(seen).toBe(sentence);
    expect(stream.status).toBe('closed');

    const left = await open(bytes(sentence));
    for await (const chunk of left.chunks({ size: 4 })) {
      expect(text(chunk)).toBe('This');
      break;
    }
    expect(left.status).toBe('closed');

    const kept = await open(bytes(sentence));
    for await (const chunk of kept.chunks({ size: 4, close: false })) {
      expect(chunk.length).toBe(4);
      break;
    }
    expect(text(await kept.recv(5))).toBe(' byte');
    await kept.close();
  });

  test('reads nothing ahead without a window, and as much as it is asked for', async () => {
    const asked: [number, number][] = [];
    const data = bytes('0123456789');
    const source = {
      length: () => data.length,
      read(position: number, length: number) {
        asked.push([position, length]);
        return data.subarray(position, position + length);
      },
    };
    const stream = await open(source, {}, { readahead: false });
    await stream.rseek(2);
    expect(asked).toEqual([]);
    expect(text(await stream.recv(3))).toBe('234');
    expect(text(await stream.recv(1))).toBe('5');
    expect(asked).toEqual([
      [2, 3],
      [5, 1],
    ]);
    stream.enableReadahead(3);
    expect(text(await stream.read())).toBe('6789');
    expect(asked.slice(2).every(([, length]) => length <= 256 * 1024)).toBe(true);
    await stream.close();
  });

  test('is connected once', async () => {
    const handle = byteStream(bytes('x'));
    const stream = await from(handle).connect();
    await expect(from(handle).connect()).rejects.toEqual(coded('ERR_OFFLOOP_BUSY'));
    await expect(handle.connect()).rejects.toEqual(coded('ERR_OFFLOOP_BUSY'));
    await stream.close();
    await expect(from(handle).connect()).rejects.toEqual(coded('ERR_OFFLOOP_BUSY'));
  });

  test('fails when its streamer is closed, and one that was closed before is not connected', async () => {
    const handle = byteStream(bytes('x'), { mode: 'r+' });
    const stream = await from(handle).connect();
    const failed = stream.waitStatus('failed');
    handle.close();
    expect(await failed).toBe(true);
    await expect(stream.recv()).rejects.toEqual(coded('ERR_OFFLOOP_CLOSED'));

    const other = byteStream(bytes('x'));
    other.close();
    await expect(from(other).connect()).rejects.toEqual(coded('ERR_OFFLOOP_CLOSED'));
  });

  test('asks for more by halves of what is read ahead, also if it is read as fast as it comes', async () => {
    const post = vi.spyOn(MessagePort.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    const size = 16 * 2 ** 20;
    const stream = await overPorts(byteStream(Buffer.alloc(size))).connect({ readahead: 4 * 2 ** 20 });

    let taken = 0;
    for await (const chunk of stream) taken += chunk.length;
    expect(taken).toBe(size);
    const asked = post.mock.calls.filter(([message]) => (message as { kind?: unknown }).kind === 'limit');
    expect(asked.length).toBeLessThan(12);
  });
});
