/** Values of every kind, sent to a real thread and back. @module */

import { threadId } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/crossing.mjs';
import { returns } from '../fixtures/jobs/failing.mjs';
import { where } from '../fixtures/jobs/basics.mjs';

const refused = (path: RegExp): Error =>
  expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_CLONEABLE', message: expect.stringMatching(path) }) as Error;

describe('a value', () => {
  test.each([
    ['null', null],
    ['a big integer', 2n ** 70n],
    ['minus zero', -0],
    ['a date', new Date(7)],
    ['a regular expression', /a+/giu],
    [
      'a map',
      new Map<unknown, unknown>([
        ['a', { b: 1 }],
        [1, [2]],
      ]),
    ],
    ['a set', new Set([1, 'two', 3n])],
    ['a typed array', new Float64Array([1.5, -2])],
    ['a buffer of bytes', new Uint8Array([1, 2, 3]).buffer],
    ['a Buffer', Buffer.from('bytes')],
    ['a large Buffer', Buffer.alloc(100_000, 7)],
    ['a URL', new URL('https://example.com/a?b=c')],
    ['search parameters', new URLSearchParams('a=1&a=2')],
    ['nested plain objects', { a: [{ b: { c: [null, undefined, 'd'] } }] }],
    ['a sparse array', Array(3)],
  ])('that is %s arrives as such, and comes back as such', async (_, value) => {
    const arrived = await jobs.visit(value);

    expect(arrived.type).toBe(value === null ? 'object' : (value as object).constructor.name);
    expect(arrived.value).toStrictEqual(value);
  });

  test('deep inside others keeps what it is', async () => {
    const value = { a: [new Map([['url', new URL('https://a.b')]]), { bytes: Buffer.from('x') }] };

    expect((await jobs.visit(value)).value).toStrictEqual(value);
  });

  test('that contains itself does so on the other side', async () => {
    const value: { self?: unknown; url: URL } = { url: new URL('https://a.b') };
    value.self = value;
    const { value: back } = await jobs.visit(value);

    expect(back.self).toBe(back);
  });

  test('that occurs twice is one on the other side', async () => {
    const plain = { a: 1 };
    const special = Buffer.from('x');

    expect(await jobs.sameTwice([plain, plain])).toBe(true);
    expect(await jobs.sameTwice([special, special])).toBe(true);
  });

  test('of shared memory is the same memory', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const { value } = await jobs.visit(shared);
    shared[0] = 5;

    expect(value[0]).toBe(5);
  });
});

describe('an instance', () => {
  test('of a registered class keeps its class', async () => {
    expect(await jobs.lengthOf(new jobs.Point(3, 4))).toEqual([true, 5]);
    expect((await jobs.visit(new jobs.Point(3, 4))).value).toStrictEqual(new jobs.Point(3, 4));
  });

  test('with private fields crosses by toThread and fromThread', async () => {
    const twice = await jobs.double(new jobs.Money(21));

    expect(twice).toBeInstanceOf(jobs.Money);
    expect(twice.cents).toBe(42);
  });

  test('of another class arrives as structured clone gives it', async () => {
    expect((await jobs.visit(new jobs.Plain())).value).toStrictEqual({ value: 1 });
  });
});

describe('memory', () => {
  test('of a result moves if the function says so', async () => {
    expect(await jobs.moved(1000)).toStrictEqual(new Uint8Array(1000).fill(7));
    expect(await jobs.left()).toBe(0);
  });
});

describe('what cannot cross', () => {
  class Session {
    user = { socket: process.stdout };
  }

  test('as an argument rejects the call, naming its path, and the thread lives on', async () => {
    const before = await where();

    await expect(jobs.visit({ list: [1, Symbol('s')] })).rejects.toThrow(refused(/args\[0\]\.list\[1\]/));
    await expect(jobs.visit(new Session())).rejects.toThrow(refused(/args\[0\]\.user\.socket/));
    await expect(jobs.visit(Promise.resolve(1))).rejects.toThrow(refused(/args\[0\].*Promise/));
    expect(await where()).toBe(before);
  });

  test('as a result rejects the call, naming its path, and the thread lives on', async () => {
    const before = await where();

    await expect(returns('function')).rejects.toThrow(refused(/result\.list\[1\]/));
    await expect(returns('symbol')).rejects.toThrow(refused(/result\[0\]/));
    await expect(returns('generator')).rejects.toThrow(refused(/result/));
    expect(await where()).toBe(before);
    expect(before).not.toBe(threadId);
  });
});

describe('a change', () => {
  test('after the call does not reach the function', async () => {
    const small = { n: 1 };
    const large = { list: Array.from({ length: 1000 }, (_, i) => ({ i })) };
    const calls = Array.from({ length: 4 }, async () => [await jobs.visit(small), await jobs.visit(large)]);
    const first = jobs.visit(small);
    const waiting = Array.from({ length: 10 }, async () => jobs.visit(large));
    small.n = 2;
    large.list.length = 0;

    expect((await first).value).toEqual({ n: 1 });
    for (const { value } of await Promise.all(waiting)) expect(value.list).toHaveLength(1000);
    await Promise.all(calls);
  });

  test('after the return does not reach the caller, and the same object returned again is another value', async () => {
    const results = await Promise.all([jobs.mutable(), jobs.mutable(), jobs.mutable()]);

    for (const { n, list, shared } of results) expect([n, list, shared]).toEqual([n, [n], { n }]);
  });
});
