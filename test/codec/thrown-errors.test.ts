/** Errors that are thrown in a thread, as they arrive. @module */

import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/failing.mjs';
import { tries } from '../support/full.ts';

async function thrownBy(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return call.then(
    () => expect.unreachable('it was to throw'),
    (error: unknown) => error as Error & Record<string, unknown>,
  );
}

describe('an error', () => {
  test('of an exported class keeps class, code, properties and cause', async () => {
    const error = await thrownBy(jobs.fails('exported'));

    expect(error).toBeInstanceOf(jobs.Exported);
    expect(error).toMatchObject({ message: 'told', code: 'E_EXPORTED', details: { at: [1, 2] } });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  test('of a class that its module does not export keeps it, too', async () => {
    const error = await thrownBy(jobs.fails('hidden'));

    expect(error.constructor.name).toBe('Hidden');
    expect(error).toBeInstanceOf(jobs.Exported);
    expect(error.name).toBe('Hidden');
  });

  test('of a class that cannot be found has the nearest built-in one, and its name', async () => {
    const error = await thrownBy(jobs.fails('unknown'));

    expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype);
    expect([error.name, error.message]).toEqual(['Unknown', 'told']);
  });

  test('of many keeps them all', async () => {
    const error = await thrownBy(jobs.fails('aggregate'));

    expect(error).toBeInstanceOf(AggregateError);
    expect(error['errors']).toEqual([new TypeError('one'), 2]);
  });

  test('of the DOM keeps its kind', async () => {
    const error = await thrownBy(jobs.fails('abort'));

    expect(error).toBeInstanceOf(DOMException);
    expect([error.name, error['code']]).toEqual(['AbortError', 20]);
  });

  test('that causes itself does so here', async () => {
    const error = await thrownBy(jobs.fails('cycle'));

    expect(error.cause).toBe(error);
  });

  test('with a cause that cannot cross arrives all the same', async () => {
    expect((await thrownBy(jobs.fails('cause'))).message).toBe('odd');
  });

  test('keeps of its properties what can cross', async () => {
    const error = await thrownBy(jobs.failsAsClient({ rows: [1] }));
    const config = { url: '/a', transform: [,] };

    expect(error).toBeInstanceOf(jobs.Exported);
    expect(error['response']).toEqual({ status: 404, data: { rows: [1] }, config });
    expect(error['config']).toBe((error['response'] as { config: unknown }).config);
  });

  test('of a callback does so on its way to the thread as well, and back', async () => {
    const inner = Object.assign(new RangeError('inner'), { retry() {}, attempts: [1, 2] });
    const error = await thrownBy(
      jobs.passesOn(() => {
        const response = { status: 500, data: { a: [1] }, request: { agent: Symbol('agent'), path: '/b' } };
        throw Object.assign(new AggregateError([inner, () => 1], 'failed', { cause: inner }), { response });
      }),
    );
    const response = { status: 500, data: { a: [1] }, request: { path: '/b' } };

    expect(error['seen']).toEqual({ response, keys: ['response'], list: 2 });
    expect(error['response']).toEqual(response);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: 'inner', attempts: [1, 2] });
    expect((error['errors'] as unknown[])[0]).toBe(error.cause);
  });

  test('of the system keeps code and path', async () => {
    expect(await thrownBy(jobs.fails('system'))).toMatchObject({
      code: 'ENOENT',
      path: '/no/such/file',
      syscall: 'open',
    });
  });

  test('has both stacks: where it was thrown, and where the call was made', async () => {
    const { stack = '' } = await thrownBy(jobs.fails('exported'));
    const [there, here] = stack.split('    at offloop call\n');

    expect(there).toMatch(/failing\.mjs/);
    expect(here).toMatch(/errors\.test\.ts/);
    expect(stack).not.toContain('/dist/lib/');
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      'a function that ran too long',
      async () => jobs.passesOn.with({ timeout: 50 })(async () => new Promise(() => {})),
    ],
    ['a value that cannot cross', async () => jobs.returns(new WeakMap())],
    ['a thread that has ended', async () => jobs.exits(3)],
  ])('of the library shows where the call was made, and nothing of its own: %s', async (_, make) => {
    const { stack = '' } = await thrownBy(make());
    const [, joint, first] = stack.split('\n');

    expect(joint).toBe('    at offloop call');
    expect(first).toMatch(/thrown-errors\.test\.ts/);
    expect(stack).not.toContain('/dist/lib/');
  });

  const all = async (items: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of items);
  };
  const tells = async (): Promise<never> => {
    await Promise.resolve();
    throw new Error('told');
  };
  const { ways } = jobs;

  test.each<[string, () => Promise<unknown>]>([
    ['an async function', async () => ways.pooled()],
    ['a thread of its own', async () => ways.dedicated()],
    ['an iterator', async () => all(ways.items())],
    ['an iterator with a thread of its own', async () => all(ways.itemsApart())],
    ['a blocking call back to main', async () => ways.blocking(tells)],
    ['a callback', async () => ways.callback(tells)],
  ])('of %s has at most two frames of the library', async (_, make) => {
    const { message, stack = '' } = await thrownBy(make());
    const frames = stack.split('\n').filter((line) => line.startsWith('    at '));

    expect(message).toBe('told');
    expect(frames[0]).toMatch(/failing\.mjs|thrown-errors\.test\.ts/);
    expect(frames.filter((line) => /\/(?:dist\/lib|src|workers)\//.test(line)).length).toBeLessThanOrEqual(2);
    expect(frames.join()).toContain('thrown-errors.test.ts');
  });

  test('that is returned is returned', async () => {
    expect(await jobs.returns('error')).toBeInstanceOf(jobs.Exported);
  });
});

describe('anything else', () => {
  test.each([[0], [''], [false], [null], [undefined], [NaN], ['a string'], [412], [{ a: 1 }], [[1]]])(
    'that is thrown arrives as thrown: %j',
    async (value) => {
      expect(await thrownBy(jobs.fails(value))).toEqual(value);
      expect(await thrownBy(jobs.rejects(value))).toEqual(value);
    },
  );
});

test('thousands of calls in one go settle as they should, every fourth throwing', async () => {
  const calls = Array.from({ length: tries(20_000) }, async (_, i) => (i % 4 === 0 ? jobs.fails(i) : jobs.returns(i)));
  const outcomes = await Promise.allSettled(calls);

  const wrong = outcomes.filter((outcome, i) =>
    i % 4 === 0
      ? outcome.status !== 'rejected' || outcome.reason !== i
      : outcome.status !== 'fulfilled' || outcome.value !== i,
  );
  expect(wrong).toEqual([]);
});
