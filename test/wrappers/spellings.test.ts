/** The spellings of the wrappers, and what a wrapper has. @module */

import { inspect } from 'node:util';
import { threadId } from 'node:worker_threads';
import { threaded, threadedSeparate } from 'offloop';
import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/basics.mjs';

class Job {
  done = false;
}

const argument = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;

describe('a wrapper', () => {
  test('runs the function in another thread', async () => {
    expect(await jobs.where()).not.toBe(threadId);
  });

  test('made with options runs it there, too', async () => {
    const [n, thread] = await jobs.withOptions(1);
    expect([n, thread === threadId]).toEqual([1, false]);
  });

  test('made by options alone runs it there, too', async () => {
    const [n, thread] = await jobs.byOptions(2);
    expect([n, thread === threadId]).toEqual([2, false]);
  });

  test('of an async function runs it there, too', async () => {
    const [n, thread] = await jobs.later(3);
    expect([n, thread === threadId]).toEqual([3, false]);
  });

  test('awaits what a sync function returns', async () => {
    expect(await jobs.promised(4)).toBe(4);
  });

  test('has the function itself as syncCall, and itself as asyncCall', async () => {
    expect(jobs.where.syncCall()).toBe(threadId);
    expect(await jobs.add.asyncCall(1)).toBe(2);
  });

  test('is known by syncCall inside a named function as well', async () => {
    expect(await jobs.fact(5)).toBe(120);
  });

  test('keeps name and length', () => {
    expect([jobs.add.name, jobs.add.length]).toEqual(['add', 1]);
    expect([jobs.add.with({}).name, jobs.add.with({}).length]).toEqual(['add', 1]);
  });

  test('says what it is when it is printed', () => {
    expect(inspect(jobs.add)).toBe('[threaded: add]');
    expect(inspect(jobs.separate)).toBe('[threadedSeparate: separate]');
    expect(inspect(jobs.withOptions)).toBe('[threaded: renamed]');
  });

  test('called inside a thread runs there and then, as a promise', async () => {
    const [isPromise, [value, inner], outer] = await jobs.nested(5);

    expect([isPromise, value]).toEqual([true, { n: 5 }]);
    expect(inner).toBe(outer);
  });

  test('passes missing and undefined arguments as they are', async () => {
    expect(await jobs.add(1, undefined)).toBe(2);
    expect(await jobs.echo(undefined, null)).toEqual([undefined, null]);
  });
});

describe.each([
  ['threaded', threaded],
  ['threadedSeparate', threadedSeparate],
])('%s', (_, wrap) => {
  const loosely = wrap as unknown as (...args: unknown[]) => unknown;

  test.each([[undefined], [null], [1], ['f'], [Symbol('f')]])('refuses to wrap %s', (value) => {
    expect(() => loosely(value)).toThrow(TypeError);
    expect(() => loosely(value)).toThrow(argument);
  });

  test('refuses classes', () => {
    expect(() => loosely(Job)).toThrow(argument);
  });

  test('refuses unknown options by name', () => {
    expect(() => loosely(() => 1, { tiemout: 5 })).toThrow(/"tiemout"/);
    expect(() => loosely({ tiemout: 5 })).toThrow(argument);
    expect(() => loosely(() => 1, JSON.parse('{"__proto__": 1, "constructor": 2}'))).toThrow(argument);
  });

  test.each([{ timeout: 0 }, { timeout: NaN }, { queueTimeout: -1 }, { priority: '1' }, { module: 'nowhere' }])(
    'refuses %j',
    (options) => {
      expect(() => loosely(() => 1, options)).toThrow(argument);
    },
  );

  test('refuses as a legacy decorator what is no method', () => {
    for (const descriptor of [undefined, {}, { value: 1 }, { get: () => 1 }, { set: () => 1 }]) {
      expect(() => loosely({}, 'member', descriptor)).toThrow(argument);
      expect(() => loosely(Job, Symbol('member'), descriptor)).toThrow(/only methods can be decorated/);
    }
    expect(() => loosely(1, 'member', { value: () => 1 })).toThrow(argument);
  });
});
