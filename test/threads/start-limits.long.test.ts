/** Threads that do not start: whoever waits for them is told. @module */

import { configure } from 'offloop';
import { describe, expect, test } from 'vitest';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

const jobs = `import { threaded, threadedSeparate } from 'offloop';
  export const twice = threaded(function twice(n) { return 2 * n; });
  export const thrice = threadedSeparate(function thrice(n) { return 3 * n; });`;
const tell = `const tell = (call) => call.then(console.log, ({ code, message }) => console.log(code, message));`;

describe('a thread that does not become ready', () => {
  test('is ended after startTimeout, and its calls reject', async () => {
    const folder = project({
      'blocks.mjs': `import { isMainThread } from 'node:worker_threads';
        if (!isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
      'jobs.mjs': jobs,
      'main.mjs': `import { configure, ThreadPool } from 'offloop';
        import { thrice, twice } from './jobs.mjs';
        ${tell}
        configure({ startTimeout: 100 });
        const pool = new ThreadPool({ size: 2 });
        await tell(twice.with({ pool })(1));
        await tell(thrice(1));
        await pool.close();
        console.log(pool.stats().ending);`,
    });
    const ran = await run('main.mjs', { cwd: folder, nodeArgs: ['--import', './blocks.mjs'], deadline: 30_000 });

    const text = 'ERR_OFFLOOP_BOOT Cannot start a thread: it was not ready after 100 ms, the setting startTimeout';
    expect(ran).toMatchObject({ code: 0, lines: [text, text, '0'], stderr: '' });
  });

  test.each([0, -1, NaN, '1'])('is not given %s ms', (startTimeout) => {
    expect(() => configure({ startTimeout } as object)).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }),
    );
  });
});

describe('where the working directory is gone', () => {
  const main = `import { rmSync } from 'node:fs';
    import { threaded } from 'offloop';
    import { thrice, twice } from './jobs.mjs';
    ${tell}
    export const here = threaded(function here(n) { return n + 1; });
    const leave = () => rmSync(process.cwd(), { recursive: true });`;

  /** Runs `steps` in a folder that they can remove; gives what they print, without what Node.js says. */
  async function runThere(steps: string): Promise<unknown> {
    const folder = project({ 'jobs.mjs': jobs, 'main.mjs': `${main}\n${steps}`, 'gone/.keep': '' });
    const { code, signal, lines } = await run(`${folder}/main.mjs`, { cwd: `${folder}/gone`, deadline: 30_000 });
    return { code, signal, lines: lines.map((line) => line.split(' ')[0]) };
  }

  test('before the first thread has started, calls reject', async () => {
    const outcome = await runThere('leave(); await tell(twice(1)); await tell(thrice(1)); await tell(here(1));');

    const boot = 'ERR_OFFLOOP_BOOT';
    expect(outcome).toEqual({ code: 0, signal: null, lines: [boot, boot, boot] });
  });

  test('and was gone into by the program, calls reject', async () => {
    const moved = "process.chdir('..'); process.chdir('gone'); leave();";
    const outcome = await runThere(`${moved} await tell(thrice(1)); await tell(twice(1)); await tell(here(1));`);

    const boot = 'ERR_OFFLOOP_BOOT';
    expect(outcome).toEqual({ code: 0, signal: null, lines: [boot, boot, boot] });
  });

  test('while one has started, that works on as far as it can, and every call settles', async () => {
    const outcome = await runThere('await tell(twice(1)); leave(); await tell(twice(2)); await tell(here(1));');

    // Below Node.js 22.15 a view is made in one more thread, which cannot start.
    const last: unknown = expect.stringMatching(/^2$|^ERR_OFFLOOP_BOOT$/);
    expect(outcome).toEqual({ code: 0, signal: null, lines: ['2', '4', last] });
  });

  test('while one starts, the call settles', async () => {
    const outcome = await runThere('const first = tell(twice(1)); setImmediate(leave); await first;');

    expect(outcome).toEqual({ code: 0, signal: null, lines: [expect.stringMatching(/^2$|^ERR_OFFLOOP_BOOT$/)] });
  });
});
