/** Handlers and sinks that run in threads. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import { ThreadPool } from 'offloop';
import { flow, keySink } from 'offloop/flow';
import { StreamEvent } from 'offloop/streams';
import type { Stream } from 'offloop/streams';
import { afterAll, describe, expect, test } from 'vitest';
import {
  apart,
  counting,
  dying,
  evens,
  informed,
  lines,
  mortal,
  spin,
  square,
  user,
  where,
  whose,
  withKey,
} from '../fixtures/jobs/flowing.mjs';
import { gate, reaches } from '../support/gate.ts';
import { recorded } from '../support/source.ts';

const pool = new ThreadPool({ size: 2 });
afterAll(async () => pool.close());

const coded = (code: string): object => expect.objectContaining({ code }) as object;

/** What `handler` gives for `values`, in a flow of its own. */
async function given(
  values: Iterable<unknown>,
  handler: (value: never, info: never) => unknown,
  options = {},
): Promise<unknown[]> {
  const { handle, run } = flow();
  const taken: unknown[] = [];
  handle(values, { sinks: [(value: unknown) => void taken.push(value)], ...options })(handler as never);
  await run();
  return taken;
}

describe('a wrapped handler', () => {
  test('runs off the loop, in order, and what it returns goes to the sinks', async () => {
    expect(await given([3, 1, 2], square.with({ pool }))).toEqual([9, 1, 4]);
    expect(await given([1, 2, 3, 4], evens.with({ pool }))).toEqual([2, 4]);
    expect(await given([1], where.with({ pool }))).toEqual([{ n: 1, isElsewhere: true, thread: expect.any(Number) }]);
    expect(await given([1, 2], apart)).toEqual([2, 3]);
  });

  test('that is a generator gives as many values as it yields', async () => {
    expect(await given([0, 1, 2], lines.with({ pool }))).toEqual(['zero: 0', 'even: 0', 'even: 2']);
  });

  test('may give keys', async () => {
    const saved: unknown[] = [];
    const save = keySink((key: string, value: number) => void saved.push([key, value]));
    await given([1, 2], withKey.with({ pool }), { sinks: [save] });

    expect(saved).toEqual([
      ['key 1', 1],
      ['key 2', 2],
    ]);
  });

  test('is called for one item at a time, or for as many as concurrency says, and results stay in order', async () => {
    const values = Array.from({ length: 200 }, (_, n) => n);

    expect(await given(values, square.with({ pool }), { concurrency: 16 })).toEqual(values.map((n) => n * n));
    const threads = new Set<unknown>();
    const look = ({ thread }: { thread: number }): void => void threads.add(thread);
    await given(values, where.with({ pool }), { concurrency: 64, sinks: [look] });
    expect(threads.size).toBeGreaterThan(0);
  });

  test('is told of key, headers and context if it declares that it wants to know', async () => {
    const { handle, run } = flow();
    const told: unknown[] = [];
    const message = { socket: () => 'cannot cross' };
    const event = new StreamEvent('value', { key: 'key', headers: { h: 1 }, message });
    handle([event], { sinks: [(it: unknown) => void told.push(it)] })(informed.with({ pool }));
    await run({ context: { env: 'test' } });

    expect(told).toEqual([{ value: 'value', key: 'key', headers: { h: 1 }, attempt: 1, context: { env: 'test' } }]);
  });

  test('sees the context of run()', async () => {
    const { handle, run } = flow();
    const seen: unknown[] = [];
    handle([1, 2], { sinks: [(it: unknown) => void seen.push(it)] })(whose.with({ pool }));
    await user.run('Ada', async () => run());

    expect(seen).toEqual(['Ada', 'Ada']);
  });

  test('that throws ends the run with its error, and its thread takes further calls', async () => {
    const source = recorded([1, -1, 2]);
    const { handle, run } = flow();
    handle(source)(square.with({ pool }));

    await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'RangeError', message: 'cannot square -1' }));
    expect(source.closed).toBe(1);
    await expect(given([0, -3], lines.with({ pool }))).rejects.toThrow('cannot take -3');
  });

  test('whose thread dies ends the run, and the event is handed back', async () => {
    const { handle, run } = flow();
    const outcomes: string[] = [];
    const events = [1, 2, 3].map(
      (n) => new StreamEvent(n, { settle: (outcome) => void outcomes.push(`${n} ${outcome}`) }),
    );
    handle(events)(mortal.with({ pool }));

    await expect(run()).rejects.toThrow(coded('ERR_OFFLOOP_WORKER_EXIT'));
    expect(outcomes).toEqual(['1 ack', '2 nack']);
  });

  test('is aborted when another handler fails', async () => {
    const { handle, run } = flow();
    const it = gate();
    handle([it])(spin.with({ pool }));
    handle([0])(async () => {
      await reaches(it, 1, 1);
      throw new Error('other');
    });

    await expect(run()).rejects.toThrow('other');
    await reaches(it, 3, 1);
  });

  test('leaves the loop free', async () => {
    const { handle, run } = flow();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    handle(Array.from({ length: 5 }, () => gate()))(async (it) => {
      const waiting = spin.with({ pool, timeout: 20 })(it);
      await expect(waiting).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    });
    await run();
    clearInterval(timer);

    expect(turns).toBeGreaterThan(10);
  });
});

describe('a source in a thread', () => {
  test.each([1, 2])(
    'of %i handlers is closed there when the run fails, is drained, or is aborted',
    async (handlers) => {
      for (const end of ['fail', 'drain', 'abort']) {
        const { handle, run, drain } = flow();
        const it = gate();
        const controller = new AbortController();
        const source = counting.with({ pool })(it);
        const seen: number[] = [];
        for (let i = 0; i < handlers; i += 1) {
          handle(source)((n) => {
            seen.push(n);
            if (n < 5) return;
            if (end === 'fail') throw new Error('fail');
            if (end === 'drain') drain();
            else controller.abort(new Error('abort'));
          });
        }
        const running = run({ signal: controller.signal });

        if (end === 'drain') await running;
        else await expect(running).rejects.toThrow(end);
        await reaches(it, 3, 1);
        expect(seen.slice(0, 5 * handlers)).toContain(4);
      }
    },
  );

  test.each([1, 2])('of %i handlers that dies ends the run, after the items before it', async (handlers) => {
    const { handle, run } = flow();
    const source = counting.with({ pool })(gate(), 3);
    const seen: number[] = [];
    for (let i = 0; i < handlers; i += 1) handle(source)((n) => void (i === 0 && seen.push(n)));

    await expect(run()).rejects.toThrow(coded('ERR_OFFLOOP_WORKER_EXIT'));
    // The other handler may have come to the error first.
    expect(seen).toEqual([0, 1, 2].slice(0, handlers === 1 ? 3 : seen.length));
  });
});

describe('a thread that dies', () => {
  test('of a handler that yields ends the run, after what it has yielded', async () => {
    const { handle, run } = flow();
    const got: number[] = [];
    handle([1], { sinks: [(n: number) => void got.push(n)] })(dying.with({ pool }));

    await expect(run()).rejects.toThrow(coded('ERR_OFFLOOP_WORKER_EXIT'));
    expect(got).toEqual([1, 2]);
  });

  test('of a sink, of a pipe or of a decoder ends the run', async () => {
    const plans = [
      { sinks: [mortal.with({ pool })] },
      { pipe: [(all: Stream<number>) => all.map(mortal.with({ pool }))] as const },
      { sinks: [async (n: number) => mortal.with({ pool })(n)], concurrency: 2 },
    ];
    for (const plan of plans) {
      const source = recorded([1, 2, 3, 4]);
      const { handle, run } = flow();
      handle(source, plan as object)((n) => n);

      await expect(run()).rejects.toThrow(coded('ERR_OFFLOOP_WORKER_EXIT'));
      expect(source.closed + source.ended).toBeGreaterThan(0);
    }
  });
});

describe('a wrapped sink', () => {
  test('runs off the loop, and is awaited', async () => {
    const { handle, run } = flow();
    const order: string[] = [];
    handle([2, 3], { sinks: [square.with({ pool }), (n: number) => void order.push(`sunk ${n}`)] })((n) => {
      order.push(`handled ${n}`);
      return n;
    });
    await run();

    expect(order).toEqual(['handled 2', 'sunk 2', 'handled 3', 'sunk 3']);
    await expect(given([-1], (n) => n, { sinks: [square.with({ pool })] })).rejects.toThrow('cannot square -1');
  });
});

test('a run over threads ends while they are busy', async () => {
  const { handle, run } = flow();
  const it = gate();
  handle(
    Array.from({ length: 8 }, () => it),
    { concurrency: 8 },
  )(spin.with({ pool }));
  const running = run({ signal: AbortSignal.timeout(50) });

  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }) as object);
  await sleep(0);
});
