/** A dedicated thread that stays: its calls share what they leave there, until it ends. @module */

import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { ownCall } from '../../dist/src/pool/own-call.js';
import { startStandby } from '../../dist/src/threads/standby.js';
import { StayingThread } from '../../dist/src/threads/staying-thread.js';
import * as jobs from '../fixtures/jobs/basics.mjs';
import { exits } from '../fixtures/jobs/failing.mjs';
import { run } from '../support/run.ts';
import { project } from '../support/project.ts';
import { gate, open, reaches } from '../support/gate.ts';

type Made = ReturnType<typeof ownCall>;

const threads: StayingThread[] = [];
afterEach(async () => {
  for (const thread of threads.splice(0)) {
    thread.terminate('closed');
    await thread.ended;
  }
});

function staying(): StayingThread {
  const thread = new StayingThread(() => startStandby({}));
  threads.push(thread);
  return thread;
}

/** Calls `fn` in `thread`. */
function call(thread: StayingThread, fn: Function, ...args: unknown[]): Made {
  const made = ownCall(fn, args);
  made.promise.catch(() => undefined);
  thread.submit(made);
  return made;
}

const exited = expect.objectContaining({ code: 'ERR_OFFLOOP_WORKER_EXIT' }) as object;

describe('a thread that stays', () => {
  test('runs its calls in order, in one thread, which keeps what they leave', async () => {
    const [one, other] = [staying(), staying()];
    const made = [1, 2, 3].map(() => call(one, jobs.counted));
    const results = (await Promise.all(made.map(async ({ promise }) => promise))) as [number, number][];
    const [elsewhere] = [(await call(other, jobs.counted).promise) as [number, number]];
    const [later] = [(await call(one, jobs.counted).promise) as [number, number]];

    expect(results.map(([count]) => count)).toEqual([1, 2, 3]);
    expect(new Set([...results, later].map(([, id]) => id)).size).toBe(1);
    expect([later[0], elsewhere[0]]).toEqual([4, 1]);
    expect(elsewhere[1]).not.toBe(later[1]);
    expect(one.stats()).toEqual({ threadId: later[1], queued: 0 });
  });

  test('is not started before its first call', async () => {
    let starts = 0;
    const thread = new StayingThread(() => {
      starts += 1;
      return startStandby({});
    });
    threads.push(thread);
    await setImmediate();
    expect([starts, thread.stats()]).toEqual([0, { threadId: undefined, queued: 0 }]);
    await call(thread, jobs.counted).promise;
    await call(thread, jobs.counted).promise;

    expect(starts).toBe(1);
  });

  test('goes on after a call that throws, and after one that was given up before it began', async () => {
    const thread = staying();
    const it = gate();
    const [first] = (await call(thread, jobs.counted).promise) as [number];
    const busy = call(thread, jobs.block, it, 'busy');
    await reaches(it, 1, 1);
    const [dropped, last] = [call(thread, jobs.counted), call(thread, jobs.counted)];
    dropped.abort(new RangeError('not needed'));
    open(it);

    await expect(dropped.promise).rejects.toThrow(new RangeError('not needed'));
    expect(await busy.promise).toBe('busy');
    expect((await last.promise) as [number]).toEqual([first + 1, thread.stats().threadId]);
  });

  test('ends with a call that spins on after it was given up, and says so to the others', async () => {
    const thread = staying();
    const it = gate();
    const spinning = call(thread, jobs.spin, it);
    await reaches(it, 1, 1);
    const waiting = call(thread, jobs.counted);
    spinning.abort(new Error('enough'));

    await expect(spinning.promise).rejects.toThrow('enough');
    await expect(waiting.promise).rejects.toEqual(exited);
    expect(await thread.ended).toMatchObject({ exitCode: 1 });
    await expect(call(thread, jobs.counted).promise).rejects.toEqual(exited);
    expect(thread.stats()).toEqual({ threadId: undefined, queued: 0 });
  });

  test('that exits fails the call it runs and those behind it', async () => {
    const thread = staying();
    const made = [call(thread, exits, 3), call(thread, jobs.counted)];

    for (const { promise } of made) await expect(promise).rejects.toEqual(exited);
    expect(await thread.ended).toMatchObject({ exitCode: 3 });
  });

  test('fails a call that comes as soon as another one tells of its end', async () => {
    const thread = staying();
    let behind: Made | undefined;
    await call(thread, exits).promise.catch(() => (behind = call(thread, jobs.counted)));

    await expect(behind?.promise).rejects.toEqual(exited);
  });

  test('is closed after the calls that are out, and takes no more', async () => {
    const thread = staying();
    const it = gate();
    const [running, waiting] = [call(thread, jobs.block, it, 'done'), call(thread, jobs.counted)];
    await reaches(it, 1, 1);
    const closed = thread.close();
    const late = call(thread, jobs.counted);
    open(it);

    await expect(late.promise).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    expect(await running.promise).toBe('done');
    expect(await waiting.promise).toHaveLength(2);
    await closed;
    expect(await thread.ended).toMatchObject({ cause: undefined });
  });

  test('that was never called is closed at once', async () => {
    const thread = staying();
    await thread.close();

    expect(await thread.ended).toBeUndefined();
  });

  test('that cannot be started fails its calls', async () => {
    const thread = new StayingThread(() => {
      throw new Error('no more threads');
    });

    await expect(call(thread, jobs.counted).promise).rejects.toMatchObject({ code: 'ERR_OFFLOOP_BOOT' });
  });

  test('keeps the process alive only while a call is out', async () => {
    const root = new URL('../../dist/src/', import.meta.url).href;
    const folder = project({
      'jobs.mjs': `import { threaded } from '${root}index.js';
        let n = 0;
        export const next = threaded(function next() { return (n += 1); });`,
      'main.mjs': `import { ownCall } from '${root}pool/own-call.js';
        import { startStandby } from '${root}threads/standby.js';
        import { StayingThread } from '${root}threads/staying-thread.js';
        import { next } from './jobs.mjs';
        const thread = new StayingThread(() => startStandby({}));
        const made = [ownCall(next), ownCall(next)];
        for (const call of made) thread.submit(call);
        console.log(await made[1].promise);`,
    });

    expect(await run('main.mjs', { cwd: folder })).toMatchObject({ code: 0, lines: ['2'], stderr: '' });
  });
});
