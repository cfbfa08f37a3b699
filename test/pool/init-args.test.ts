/** The arguments of `init`. @module */

import { Event, move, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { exits } from '../fixtures/jobs/failing.mjs';
import { givenTo, initWith } from '../fixtures/jobs/prepared.mjs';

describe('initArgs', () => {
  test('are given to init, a copy of them to each thread', async () => {
    await using pool = new ThreadPool({ size: 2, init: initWith, initArgs: [{ list: ['a'] }, 7] });
    const found = await pool.runOnAll(givenTo);

    expect(new Set(found.map(([, , thread]) => thread)).size).toBe(2);
    for (const [args, , thread] of found) expect(args).toEqual([{ list: ['a', thread] }, 1]);
  });

  test('are those that there were when the pool was made, also in threads that come later', async () => {
    const first = { list: ['a'], bytes: new Uint8Array(100_000) };
    const args: unknown[] = [first];
    await using pool = new ThreadPool({ size: 1, init: initWith, initArgs: args });
    first.list.push('b');
    args.push('c');
    for (let round = 0; round < 2; round += 1) {
      const [[given, more], , thread] = await givenTo.with({ pool })();
      expect(given).toEqual({ list: ['a', thread], bytes: first.bytes });
      expect(more).toBe(0);
      await expect(exits.with({ pool })(3)).rejects.toMatchObject({ exitCode: 3 });
    }
    expect(first.bytes.byteLength).toBe(100_000);
  });

  test('cross as arguments of calls do', async () => {
    const event = new Event();
    const initArgs = [{}, Buffer.from('a'), new URL('https://a.example'), new TypeError('b'), event];
    await using pool = new ThreadPool({ size: 1, init: initWith, initArgs });

    expect((await givenTo.with({ pool })())[1]).toEqual(['Buffer', 'URL', 'TypeError', 'Event']);
    expect(event.isSet).toBe(true);
  });

  test('may be moved, for good', async () => {
    const bytes = new Uint8Array(10);
    const initArgs = [move({ bytes }, [bytes.buffer])];
    await using pool = new ThreadPool({ size: 2, init: initWith, initArgs });

    expect(bytes.byteLength).toBe(0);
    const found = await pool.runOnAll(givenTo);
    for (const [args] of found) expect(args[0]).toEqual({ bytes: new Uint8Array(10) });
  });

  test.each<[string, unknown, string]>([
    ['a function', { db: { open: () => 1 } }, 'initArgs[0].db.open'],
    ['a symbol', { db: Symbol('x') }, 'initArgs[0].db'],
    ['a promise', { db: Promise.resolve() }, 'initArgs[0].db'],
    ['a signal', { db: new AbortController().signal }, 'initArgs[0].db'],
    ['an iterator', { db: new Set([1]).values() }, 'initArgs[0].db'],
    ['a port', { db: new MessageChannel().port1 }, 'initArgs[0].db'],
  ])('with %s are refused when the pool is made', (_, value, path) => {
    expect(() => new ThreadPool({ init: initWith, initArgs: [value] })).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_CLONEABLE', message: expect.stringContaining(`${path} `) }),
    );
  });

  test('are refused where a port is to move: it would be there for one thread only', () => {
    const { port1 } = new MessageChannel();

    expect(() => new ThreadPool({ init: initWith, initArgs: [move(port1, [port1])] })).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' }),
    );
  });

  test.each([{ initArgs: [1] }, { init: initWith, initArgs: 1 }, { init: initWith, initArgs: { 0: 1 } }])(
    'are refused in %j',
    (options) => {
      expect(() => new ThreadPool(options as object)).toThrow(
        expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }),
      );
    },
  );
});
