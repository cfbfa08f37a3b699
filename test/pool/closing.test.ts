/** A pool that is closed may give up what has not started. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { block, echo, where } from '../fixtures/jobs/basics.mjs';
import { asking } from '../fixtures/jobs/numbered.mjs';
import { held, items, loaded } from '../fixtures/jobs/loading.mjs';
import { init } from '../fixtures/jobs/prepared.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { later } from '../support/later.ts';
import { note, tell } from '../support/note.ts';

const closed = expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' });
const refused = (outcome: PromiseSettledResult<unknown>): unknown =>
  outcome.status === 'rejected' ? outcome.reason : outcome;

/** The calls that `close` rejects, and those that it lets run. */
async function whileHeld(pool: ThreadPool, calls: () => Promise<unknown>[]): Promise<unknown[]> {
  const it = gate();
  const running = block.with({ pool })(it, 'ran');
  await reaches(it, 1, 1);
  const waiting = Promise.allSettled(calls());
  const closing = pool.close({ waiting: 'reject' });
  const reasons = (await waiting).map(refused);
  open(it);

  expect(await running).toBe('ran');
  await closing;
  return reasons;
}

describe("close({ waiting: 'reject' })", () => {
  test('rejects calls that wait, of whatever kind, and lets the running one finish', async () => {
    const pool = new ThreadPool({ size: 1 });
    const reasons = await whileHeld(pool, () => [
      where.with({ pool })(),
      echo.with({ pool })(new Uint8Array(100_000)),
      echo.with({ pool, key: 1, priority: 1 })(1),
      items.with({ pool })().next(),
      pool.runOnAll(where),
    ]);

    expect(reasons).toEqual([closed, closed, closed, closed, closed]);
    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, queued: 0, completed: 1, failed: 5 });
    await expect(where.with({ pool })()).rejects.toEqual(closed);
  });

  test('rejects those who wait for room', async () => {
    const pool = new ThreadPool({ size: 1, maxQueue: 1 });

    expect(await whileHeld(pool, () => [where.with({ pool })(), pool.ready()])).toEqual([closed, closed]);
  });

  test('rejects calls whose thread has not started, or is being set up', async () => {
    const it = note('initWaits');
    const pool = new ThreadPool({ size: 2, init });
    const outcomes = Promise.allSettled([where.with({ pool })(), where.with({ pool, key: 'k' })()]);
    await reaches(it, 1, 1);
    await pool.close({ waiting: 'reject' });

    expect((await outcomes).map(refused)).toEqual([closed, closed]);
    open(it);
  });

  test('rejects a call whose module is still being loaded', async () => {
    const it = note();
    const pool = new ThreadPool({ size: 2 });
    await loaded.with({ pool })();
    const entered = gate();
    const running = held.with({ pool })(entered);
    await reaches(entered, 1, 1);
    tell(it, 'loadWaits');
    const outcomes = Promise.allSettled([loaded.with({ pool })()]);
    await reaches(it, 1, 2);
    const closing = pool.close({ waiting: 'reject' });

    expect((await outcomes).map(refused)).toEqual([closed]);
    open(entered);
    expect(await running).toBeGreaterThan(0);
    await closing;
    open(it);
  });

  test('leaves alone what a callback of a running call has made, and makes yet', async () => {
    const pool = new ThreadPool({ size: 1 });
    const [isMade, isClosing] = [later(), later()];
    const running = asking.with({ pool })(async () => {
      const nested = where.with({ pool })();
      isMade.resolve();
      await isClosing.promise;
      return Promise.all([nested, where.with({ pool })()]);
    });
    await isMade.promise;
    const closing = pool.close({ waiting: 'reject' });
    isClosing.resolve();

    expect((await running)[0]).toEqual([expect.any(Number), expect.any(Number)]);
    await closing;
  });

  test('may be said later', async () => {
    const pool = new ThreadPool({ size: 1 });
    const it = gate();
    const running = block.with({ pool })(it, 'ran');
    await reaches(it, 1, 1);
    const waiting = where.with({ pool })();
    const first = pool.close();
    const second = pool.close({ waiting: 'reject' });

    await expect(waiting).rejects.toEqual(closed);
    open(it);
    await Promise.all([first, second]);
    expect(await running).toBe('ran');
  });
});

test.each([{ waiting: 'abort' }, { waiting: true }])('close(%j) is refused, and closes nothing', async (options) => {
  await using pool = new ThreadPool({ size: 1 });

  await expect(pool.close(options as object)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
  expect(await echo.with({ pool })(1)).toEqual([1]);
});
