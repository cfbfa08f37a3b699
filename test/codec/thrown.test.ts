/** For every thrown value, however strange, a useful error arrives. @module */

import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { where } from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/odd.mjs';

type Thrown = Error & Record<string, unknown>;

async function thrownBy(call: Promise<unknown>): Promise<Thrown> {
  return call.then(
    () => expect.unreachable('it was to throw'),
    (error: unknown) => error as Thrown,
  );
}

describe('an error', () => {
  test.each([
    ['that is frozen', 'frozen', Error, 'frozen'],
    ['with a getter that throws', 'getter', Error, 'getter'],
    ['of another realm', 'otherRealm', TypeError, 'of another realm'],
    ['whose stack cannot be read', 'noStack', Error, 'no stack'],
    ['without a prototype', 'noPrototype', Error, 'no prototype'],
    ['that is a proxy', 'proxy', RangeError, 'a proxy'],
  ])('%s arrives', async (_, kind, type, message) => {
    const error = await thrownBy(jobs.throws(kind));

    expect(Object.getPrototypeOf(error)).toBe(type.prototype);
    expect(error.message).toBe(message);
  });

  test('of the engine arrives', async () => {
    expect(await thrownBy(jobs.overflows())).toBeInstanceOf(RangeError);
  });

  test('loses the properties that cannot cross, and no others', async () => {
    const error = await thrownBy(jobs.throws('socket'));

    expect([error.message, Object.keys(error), error['kept']]).toEqual(['with a socket', ['kept'], 1]);
  });

  test('keeps the classes of its properties', async () => {
    expect(await thrownBy(jobs.throws('rich'))).toMatchObject({
      bytes: Buffer.from('x'),
      url: new URL('https://a.b'),
    });
  });

  test('of many keeps those that can cross, and describes the others', async () => {
    const { errors } = (await thrownBy(jobs.throws('aggregate'))) as unknown as AggregateError;

    expect(errors[0]).toBeInstanceOf(TypeError);
    expect(errors[1]).toBeInstanceOf(Error);
    expect(errors).toHaveLength(2);
  });

  test('of a registered class crosses by toThread and fromThread', async () => {
    const error = await thrownBy(jobs.throws('registered'));

    expect(error).toBeInstanceOf(jobs.Refusal);
    expect([error.message, error['secret']]).toEqual(['no', 42]);
  });
});

describe('what is no error and cannot cross', () => {
  test.each(['symbol', 'function', 'promise'])('is described by one: a %s', async (kind) => {
    const thread = await where.with({ key: 1 })();
    const error = await thrownBy(jobs.throws.with({ key: 1 })(kind));

    expect(error).toBeInstanceOf(Error);
    expect(error.message).toMatch(/symbol|Function|Promise/);
    expect(await where.with({ key: 1 })()).toBe(thread);
  });
});

/** The frames behind the crossing. */
function callerFrames({ stack = '' }: Error): string[] {
  return stack.split('\n    at offloop call\n')[1]?.split('\n') ?? [];
}

describe('beyond the first 64 calls of a turn, whose stacks are kept', () => {
  test('an error shows the async functions that await the call', async () => {
    await setImmediate();
    const errors = await Promise.all(
      Array.from({ length: 80 }, async (_, i): Promise<Error> => {
        try {
          await jobs.plain(String(i));
        } catch (error) {
          return error as Error;
        }
        return expect.unreachable('it was to throw');
      }),
    );

    const frames = errors.map((error) => callerFrames(error)[0]);
    expect(frames.every((frame) => frame?.includes('thrown.test.ts'))).toBe(true);
    expect(errors.every(({ stack = '' }) => stack.includes('odd.mjs'))).toBe(true);
  });

  test('an error shows Promise.all of the calls', async () => {
    await setImmediate();
    const calls = Array.from({ length: 70 }, (_, i) => (i < 69 ? where() : jobs.plain('last')));

    const error = await Promise.all(calls).then(
      () => expect.unreachable('it was to throw'),
      (thrown: unknown) => thrown as Error,
    );

    expect(callerFrames(error)[0]).toMatch(/^ {4}at async Promise\.all \(index 69\)/);
  });
});
