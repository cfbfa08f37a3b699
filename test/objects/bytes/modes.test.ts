/** Each flag of a mode allows what it says, and what it does not allow is refused. @module */

import { describe, expect, test } from 'vitest';
import { byteStream } from '../../../src/objects/bytes/index.ts';
import type { ByteStream, ByteStreamOptions, StreamMode } from '../../../src/objects/bytes/index.ts';
import { overPorts } from '../../support/byte-streams.ts';
import { fileWith } from '../../support/files.ts';

const coded = (code: string): unknown => expect.objectContaining({ code });
const mode = coded('ERR_OFFLOOP_MODE');
const digits = Buffer.from('0123456789');
const x = Buffer.from('x');

const open = (options: ByteStreamOptions, source: Parameters<typeof byteStream>[0] = digits): Promise<ByteStream> =>
  byteStream(source, options).connect();

describe('the mode of a byte stream', () => {
  test.each<[string, Partial<StreamMode>]>([
    ['neither readable nor writable', { readable: false, writable: false }],
    ['writable with fixed data', { writable: true, fixedData: true }],
    ['whose start can be moved but cannot move', { startCanIncrease: false, canMoveStart: true }],
    ['whose end can be moved but cannot move', { endCanIncrease: false, endCanDecrease: false, canMoveEnd: true }],
  ])('is refused if it is %s', (_words, flags) => {
    const source = { read: () => undefined, write: () => undefined, truncateBefore: () => undefined, mode: flags };

    expect(() => byteStream(source)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test.each<[string, () => unknown]>([
    ['a file that is read cannot be written', () => byteStream('a', { flags: { writable: true } })],
    ['a file that is appended to cannot seek', () => byteStream('a', { mode: 'a', flags: { seekForward: true } })],
    ['a file begins at 0', () => byteStream('a', { mode: 'r+', flags: { canMoveStart: true } })],
    ['bytes that are read are fixed', () => byteStream(digits, { flags: { fixedData: false } })],
    ['a source without read is not readable', () => byteStream({ write: () => 0, mode: { readable: true } })],
    ['a source without length has no end', () => byteStream({ read: () => x, mode: { endBounded: true } })],
    ['there is no such flag', () => byteStream(digits, { flags: { seekable: true } as never })],
    ['a flag is a boolean', () => byteStream(digits, { flags: { seekForward: 1 } as never })],
    ['a file has no mode x', () => byteStream('a', { mode: 'x' as never })],
    ['bytes have no mode w', () => byteStream(digits, { mode: 'w' })],
    ['a source has flags, not a mode', () => byteStream({ read: () => x }, { mode: 'r' })],
    ['a source reads or writes', () => byteStream({ length: () => 0 })],
    ['a method is a function', () => byteStream({ read: 1 as never })],
    ['a number is no source', () => byteStream(1 as never)],
    ['there is no option size', () => byteStream(digits, { size: 1 } as never)],
  ])('is checked: %s', (_words, make) => {
    expect(make).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('readable: a stream without it neither reads nor seeks to read', async () => {
    const stream = await open({ mode: 'r+', flags: { readable: false } });

    await expect(stream.recv()).rejects.toEqual(mode);
    await expect(stream.read()).rejects.toEqual(mode);
    await expect(stream.rseek(0)).rejects.toEqual(mode);
    await stream.seek(1);
    await stream.write(x);
    await stream.close();
  });

  test('writable: a stream without it does nothing that writes, and goes on reading', async () => {
    const stream = await open({});
    expect(String(await stream.recv(2))).toBe('01');

    await expect(stream.send(x)).rejects.toEqual(mode);
    await expect(stream.write(x)).rejects.toEqual(mode);
    await expect(stream.wseek(0)).rejects.toEqual(mode);
    await expect(stream.truncateAfter()).rejects.toEqual(mode);
    await expect(stream.truncateBefore()).rejects.toEqual(mode);
    expect(String(await stream.read())).toBe('23456789');
    await stream.close();
  });

  test('seekForward and seekBackward: each direction by itself, from the position of the stream', async () => {
    const onward = await open({ flags: { seekBackward: false } });
    await onward.rseek(4);
    expect(String(await onward.recv(2))).toBe('45');
    await expect(onward.rseek(5)).rejects.toEqual(mode);
    await expect(onward.rseek(-5, { from: 'end' })).rejects.toEqual(mode);
    await onward.rseek(6);
    await onward.rseek(-1, { from: 'end' });
    expect(String(await onward.read())).toBe('9');
    await onward.close();

    const back = await open({ flags: { seekForward: false } });
    expect(String(await back.recv(4))).toBe('0123');
    await expect(back.rseek(5)).rejects.toEqual(mode);
    await back.rseek(1);
    expect(String(await back.recv(1))).toBe('1');
    await back.close();
  });

  test('seekForward and seekBackward: without them, it still turns from reading to writing', async () => {
    const stream = await open({ mode: 'r+', flags: { seekForward: false, seekBackward: false } });
    expect(String(await stream.recv(3))).toBe('012');
    await stream.write(x);
    await expect(stream.rseek(0)).rejects.toEqual(mode);
    expect(String(await stream.read())).toBe('456789');
    await stream.close();
  });

  test('canMoveEnd, endCanIncrease: without them, writing ends at the end', async () => {
    for (const flags of [{ endCanIncrease: false }, { canMoveEnd: false }]) {
      const stream = await open({ mode: 'r+', flags });
      await stream.wseek(8);
      await stream.write(Buffer.from('ab'));
      await stream.flush();
      await stream.write(x);
      await expect(stream.flush()).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
      await expect(stream.write(x)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
      await stream.rseek(8);
      expect(String(await stream.read())).toBe('ab');
      await stream.close();
    }
  });

  test('canMoveEnd, endCanDecrease: without them, the end is not cut', async () => {
    for (const flags of [{ endCanDecrease: false }, { canMoveEnd: false }]) {
      const stream = await open({ mode: 'r+', flags });
      await stream.wseek(5);
      await expect(stream.truncateAfter()).rejects.toEqual(mode);
      await stream.rseek(0);
      expect(String(await stream.read())).toBe(String(digits));
      await stream.close();
    }
  });

  test('canMoveStart, startCanIncrease: without them, the start is not cut', async () => {
    for (const flags of [{ startCanIncrease: false, canMoveStart: false }, { canMoveStart: false }]) {
      const stream = await open({ mode: 'r+', flags });
      await stream.wseek(5);
      await expect(stream.truncateBefore()).rejects.toEqual(mode);
      await stream.close();
    }
    const file = await open({ mode: 'r+' }, fileWith(digits));
    await file.wseek(5);
    await expect(file.truncateBefore()).rejects.toEqual(mode);
    await file.close();
  });

  test('canMoveStart: what was cut is gone', async () => {
    const stream = await open({ mode: 'r+' });
    await stream.wseek(5);
    await stream.truncateBefore();

    await expect(stream.rseek(4)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    await stream.rseek(0, { from: 'start' });
    expect(String(await stream.read())).toBe('56789');
    await stream.close();
  });

  test('a truncation needs a stream that writes', async () => {
    const stream = await open({ mode: 'r+' });
    await expect(stream.truncateAfter()).rejects.toEqual(mode);
    await stream.rseek(5);
    await expect(stream.truncateAfter()).rejects.toEqual(mode);
    await stream.wseek(5);
    await stream.truncateAfter();
    await stream.close();
  });

  test('startBounded, endBounded: without them, positions outside are those of the source', async () => {
    const source = {
      start: () => 5,
      length: () => 8,
      read: (at: number, length: number) => Buffer.alloc(at < 10 ? Math.min(length, 10 - at) : 0, 48 + at),
    };
    for (const [position, flag] of [
      [4, 'startBounded'],
      [9, 'endBounded'],
    ] as const) {
      const bounded = await open({}, source);
      await expect(bounded.rseek(position)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
      const free = await open({}, { ...source, mode: { [flag]: false } });
      await free.rseek(position);
      expect(String(await free.read(1))).toBe(String(position));
      await Promise.all([bounded.close(), free.close()]);
    }
  });

  test('fixedData: a stream does not follow what never grows', async () => {
    await expect(byteStream(digits).connect({ endOfStream: 'follow' })).rejects.toEqual(mode);
    const stream = await open({});
    expect(() => stream.setEndOfStream('follow')).toThrow(mode);
    await stream.close();
  });

  test.each<[string, Parameters<typeof byteStream>[0], ByteStreamOptions, boolean]>([
    ['bytes that are read have none', digits, {}, false],
    ['a copy of bytes is of its stream alone', digits, { mode: 'r+' }, true],
    ['a file may be changed by others', 'package.json', {}, false],
    ['a source of the program says nothing by itself', { read: () => x }, {}, false],
  ])('dataLock, startLock, endLock: %s, and flags say otherwise', (_words, source, options, usual) => {
    for (const lock of ['dataLock', 'startLock', 'endLock'] as const) {
      expect(byteStream(source, options).mode[lock]).toBe(usual);
      expect(byteStream(source, { ...options, flags: { [lock]: !usual } }).mode[lock]).toBe(!usual);
      expect(() => byteStream(source, { ...options, flags: { [lock]: 'yes' as never } })).toThrow(
        coded('ERR_OFFLOOP_ARGUMENT'),
      );
    }
    const own = { read: () => x, mode: { dataLock: true, startLock: true, endLock: true } };
    expect(byteStream(own).mode).toMatchObject(own.mode);
  });

  test('dataLock, startLock, endLock: they arrive with the stream, and hold it from nothing', async () => {
    const locks = { dataLock: true, startLock: true, endLock: true };
    for (const from of [
      byteStream(digits, { mode: 'r+' }),
      byteStream(fileWith(digits), { mode: 'r+', flags: locks }),
    ]) {
      const stream = await overPorts(from).connect();
      expect(stream.mode).toMatchObject(locks);
      await stream.wseek(8);
      await stream.write(Buffer.from('abc'));
      await stream.truncateAfter();
      if (stream.mode.canMoveStart) {
        await stream.wseek(1);
        await stream.truncateBefore();
      }
      await stream.rseek(1);
      expect(String(await stream.read())).toBe('1234567abc');
      await stream.close();
    }
  });

  test.each<[string, Partial<StreamMode>]>([
    ['endLock, where the stream only reads', { endLock: true, writable: false }],
    ['endLock, where the stream may not move the end', { endLock: true, canMoveEnd: false }],
    ['endCanIncrease: without it, the data never grow', { endCanIncrease: false }],
  ])('a stream does not follow an end that never moves: %s', async (_words, flags) => {
    const path = fileWith(digits);

    await expect(byteStream(path, { mode: 'r+', flags }).connect({ endOfStream: 'follow' })).rejects.toEqual(mode);
    const stream = await open({ mode: 'r+', flags }, path);
    expect(() => stream.setEndOfStream('follow')).toThrow(mode);
    expect(String(await stream.read())).toBe(String(digits));
    await stream.close();
  });

  test.each<[string, Partial<StreamMode>]>([
    ['dataLock', { dataLock: true, writable: false }],
    ['startLock', { startLock: true, writable: false }],
    ['endLock of a stream that can write past the end', { endLock: true }],
  ])('a stream follows an end that may move in spite of %s', async (_words, flags) => {
    const stream = await byteStream(fileWith(digits), { mode: 'r+', flags }).connect({ endOfStream: 'follow' });
    expect(String(await stream.recv())).toBe(String(digits));
    await stream.close();
  });

  test('startCanDecrease: a start that moves back by itself lets earlier positions be read', async () => {
    let start = 5;
    const source = {
      start: () => start,
      length: () => 10,
      read: (at: number, length: number) => digits.subarray(at, at + length),
      mode: { startCanDecrease: true },
    };
    const stream = await open({}, source);
    await expect(stream.rseek(2)).rejects.toEqual(coded('ERR_OFFLOOP_POSITION'));
    start = 2;
    await stream.rseek(2);
    expect(String(await stream.recv(3))).toBe('234');
    await stream.close();
  });

  test.each([
    ['r', { readable: true, writable: false, seekBackward: true, canMoveEnd: false }],
    ['r+', { readable: true, writable: true, seekBackward: true, canMoveEnd: true }],
    ['w', { readable: false, writable: true, seekBackward: true, canMoveEnd: true }],
    ['w+', { readable: true, writable: true, seekBackward: true, canMoveEnd: true }],
    ['a', { readable: false, writable: true, seekBackward: false, canMoveEnd: true }],
  ] as const)('of a file opened as %s says what that allows', async (opened, flags) => {
    const path = fileWith(digits);
    const stream = await open({ mode: opened }, path);
    expect(stream.mode).toMatchObject({ ...flags, startBounded: true, endBounded: true, fixedData: false });
    expect(await stream.position()).toBe(opened === 'a' ? 10 : 0);
    if (flags.writable) {
      await stream.write(x);
      await stream.flush();
    }
    await stream.close();

    const after = await open({}, path);
    const wanted = { r: '0123456789', 'r+': 'x123456789', w: 'x', 'w+': 'x', a: '0123456789x' }[opened];
    expect(String(await after.read())).toBe(wanted);
    await after.close();
  });

  test.each<[string, (stream: ByteStream) => unknown]>([
    ['recv(0)', (stream) => stream.recv(0)],
    ['recv(1.5)', (stream) => stream.recv(1.5)],
    ['read(-1)', (stream) => stream.read(-1)],
    ['write of a text', (stream) => stream.write('x' as never)],
    ['send of nothing', (stream) => stream.send(undefined as never)],
    ['a seek to NaN', (stream) => stream.rseek(NaN)],
    ['a seek from the middle', (stream) => stream.seek(0, { from: 'middle' as never })],
    ['a wait for no state', (stream) => stream.waitStatus('open' as never)],
    ['an unknown option', (stream) => stream.recv(1, { size: 1 } as never)],
    ['an unknown policy', (stream) => stream.setEndOfStream('later' as never)],
    ['a negative window', (stream) => stream.enableReadahead(-1)],
    ['an unknown event', (stream) => stream.observe({ onData: () => 0 } as never)],
  ])('has nothing to do with wrong arguments: %s', async (_words, call) => {
    const stream = await open({ mode: 'r+' });
    const asked = async (): Promise<unknown> => call(stream);

    await expect(asked()).rejects.toEqual(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(String(await stream.read())).toBe(String(digits));
    await stream.close();
  });
});
