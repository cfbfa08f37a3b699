/** Which values of a caller's context a function finds in its thread, and which nobody else does. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { configure, ContextVar, propagate, ThreadPool } from 'offloop';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as jobs from '../fixtures/jobs/contextual.mjs';
import { take } from '../support/take.ts';

const { details, level, own, plainStore, request, strict, userId, wrapped } = jobs;

afterEach(() => configure({ inline: false }));

/** Runs `run` with all of the values that the fixtures show. */
function within<T>(id: number, run: () => T): T {
  return userId.run(id, () => level.run(id * 10, () => request.run({ id: `request ${id}`, socket: () => id }, run)));
}
const seen = (id: number): unknown[] => [id, id * 10, `request ${id}`];
const nothing = [undefined, 1, undefined];

describe('a context variable', () => {
  test('has a value in each flow of control', async () => {
    expect(userId.get()).toBeUndefined();
    expect(level.get()).toBe(1);
    const inside = userId.run(1, async () => {
      await Promise.resolve();
      const nested = userId.run(2, () => userId.get());
      userId.set(3);
      await Promise.resolve();
      return [nested, userId.get()];
    });

    expect(await inside).toEqual([2, 3]);
    expect(userId.get()).toBeUndefined();
    expect(userId.run(5, (a, b) => [userId.get(), a, b], 6, 7)).toEqual([5, 6, 7]);
  });

  test.each([undefined, null, 0, '', false])('tells that it was set to %s from its default', (value) => {
    expect(level.run(value as never, () => level.get())).toBe(value);
  });

  test('is the same variable wherever it has the same name', () => {
    const twin = new ContextVar<number>('user_id');

    expect(userId.run(4, () => twin.get())).toBe(4);
  });

  test.each([[undefined], [''], [7]])('is refused without a name: %s', (name) => {
    const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;

    expect(() => new ContextVar(name as string)).toThrow(refused);
    expect(() => propagate(new AsyncLocalStorage(), { name: name as string })).toThrow(refused);
    expect(() => propagate({} as never, { name: 'x' })).toThrow(refused);
    expect(() => new ContextVar('x', { onUncloneable: 'maybe' as never })).toThrow(refused);
    expect(() => new ContextVar('x', { fallback: 1 } as never)).toThrow(refused);
  });
});

describe('the values at a call', () => {
  test.each([
    ['in a pooled thread', jobs.see],
    ['in a thread of its own', jobs.seeSeparately],
  ])('are there for the function, %s', async (_, see) => {
    expect(await within(1, async () => see())).toEqual(seen(1));
    expect(await see()).toEqual(nothing);
  });

  test('are each call’s own: 8 at once, and 2,000 in one turn', async () => {
    const all = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (id) => within(id, async () => jobs.see())));
    expect(all).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map(seen));

    const many = Array.from({ length: 2000 }, (_, i) => i);
    const results = await Promise.all(many.map(async (i) => userId.run(i % 3, async () => jobs.see())));
    expect(results.map(([id]) => id)).toEqual(many.map((i) => i % 3));
  });

  test('are there before and after an await', async () => {
    expect(await within(2, async () => jobs.seeLater())).toEqual([seen(2), seen(2)]);
  });

  test('are those of the call, and not those of when a thread had time for it', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const calls = [1, 2, 3].map((id) => within(id, async () => jobs.seeLater.with({ pool })()));

    expect(await Promise.all(calls)).toEqual([1, 2, 3].map((id) => [seen(id), seen(id)]));
  });

  test('are copies', async () => {
    const mutable = { list: [1], at: new Date(5), bytes: Buffer.from('x'), error: new RangeError('r') };
    const store = { n: 1 };
    const call = details.run(mutable, async () =>
      wrapped.run({ text: 'w' }, async () => plainStore.run(store, async () => jobs.seeDetails())),
    );
    mutable.list.push(2);
    store.n = 2;

    const first = { ...mutable, list: [1] };
    expect(await call).toStrictEqual([first, { text: 'w', made: true }, undefined, { n: 1 }]);
    await details.run(mutable, async () => jobs.change(3));
    expect(mutable.list).toEqual([1, 2]);
  });

  test('are there in every step of a generator and in its finally', async () => {
    const closed = new Int32Array(new SharedArrayBuffer(4));
    const iterator = within(3, () => jobs.steps.with({ maxSize: 1 })(closed));
    const items: unknown[] = [];
    await within(4, async () => {
      for await (const item of iterator) if (items.push(item) === 2) break;
    });

    expect(items).toEqual([seen(3), [3, 31, 'request 3']]);
    expect(closed[0]).toBe(3);
    expect(await take(within(5, () => jobs.stepsSeparately()))).toEqual([seen(5), seen(5)]);
    expect(await take(within(6, () => jobs.asyncSteps()))).toEqual([seen(6), seen(6)]);
  });

  test('go on into the calls that the function makes', async () => {
    expect(await within(1, async () => jobs.callsOn())).toEqual([seen(1), seen(1), seen(1), [1, 5, 'request 1']]);
    expect(await within(1, async () => jobs.callsOnChanged())).toEqual([11, 10, 'changed']);
  });

  test('are there in inline mode as well, and nothing else is', async () => {
    configure({ inline: true });

    expect(await within(1, async () => jobs.see())).toEqual(seen(1));
    expect(await own.run({ name: 'mine' }, async () => jobs.seeOwn())).toEqual([undefined, undefined, undefined]);
  });
});

describe('what a function sets', () => {
  test('is not seen by its caller', async () => {
    await within(1, async () => {
      expect(await jobs.change(7)).toEqual([7, 10, 'request 1']);
      expect(userId.get()).toBe(1);
    });
  });

  test.each([
    ['at once', jobs.change],
    ['after an await', jobs.changeLater],
  ])('is not seen by the next call in its thread: %s', async (_, change) => {
    await using pool = new ThreadPool({ size: 1 });
    await change.with({ pool })(7);
    await Promise.all([change.with({ pool })(8), change.with({ pool })(9)]);

    expect(await jobs.seeOwn.with({ pool })()).toEqual([undefined, undefined, undefined]);
    const many = [1, 2, 3].flatMap((n) => [change.with({ pool })(n), jobs.seeOwn.with({ pool })()]);
    expect((await Promise.all(many)).filter((_seen, i) => i % 2 === 1)).toEqual(
      Array.from({ length: 3 }, () => [undefined, undefined, undefined]),
    );
  });

  test('is seen by the coroutines that it calls, over the live stores of its caller', async () => {
    const seenBack = await own.run({ name: 'live' }, async () => within(1, async () => jobs.callsBack(7)));

    const [before, changed] = [
      [...seen(1), 'live'],
      [7, 10, 'request 1', 'live'],
    ];
    expect(seenBack).toEqual([before, changed, changed]);
  });

  test('is seen by its callbacks', async () => {
    const ask = (): unknown => [
      userId.get(),
      level.get(),
      (request.getStore() as { socket?: unknown }).socket !== undefined,
    ];

    expect(await within(1, async () => jobs.callsBackAsync(ask))).toEqual([
      [1, 10, true],
      [1, 8, true],
    ]);
  });
});

describe('a thread', () => {
  test('has nothing of the request for which it was started', async () => {
    const pool = await within(1, async () =>
      plainStore.run('a request', async () =>
        own.run({ name: 'a request' }, async () => {
          const made = new ThreadPool({ size: 1, init: jobs.begin });
          await jobs.see.with({ pool: made })();
          return made;
        }),
      ),
    );

    expect(await jobs.seeStart.with({ pool })()).toEqual([...nothing, undefined]);
    expect(await jobs.seeOwn.with({ pool })()).toEqual([undefined, undefined, undefined]);
    await pool.close();
  });

  test('tells of its failures outside of that request', async () => {
    let told: unknown = 'nothing';
    await using pool = plainStore.run('a request', () => new ThreadPool({ size: 1 }));
    const exited = plainStore.run('a request', async () => jobs.see.with({ pool })());
    await exited;
    const failed = plainStore.run('another', async () =>
      jobs.crashes
        .with({ pool })()
        .catch(() => (told = plainStore.getStore())),
    );
    await failed;

    expect(told).toBe('another');
  });
});

describe('a value that cannot cross', () => {
  test('is left out with one warning a name', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const value = { list: [{ socket: () => 1 }] };

    for (let i = 0; i < 3; i += 1) {
      expect(await details.run(value as never, async () => userId.run(1, async () => jobs.seeDetails()))).toEqual(
        Array.from({ length: 4 }, () => undefined),
      );
    }
    await vi.waitFor(() => expect(warnings).toHaveLength(1));
    process.off('warning', onWarning);
    expect(warnings[0]).toMatchObject({ name: 'OffloopWarning', code: 'OFFLOOP_CONTEXT_OMITTED' });
    expect(warnings[0]?.message).toContain('details.list[0].socket');
  });

  test('rejects the call where it was said so', async () => {
    const call = strict.run({ socket: () => 1 }, async () => jobs.see());

    await expect(call).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
    await expect(call).rejects.toThrow('strict.socket');
    expect(await strict.run(5, async () => jobs.seeDetails())).toEqual([undefined, undefined, 5, undefined]);
  });
});
