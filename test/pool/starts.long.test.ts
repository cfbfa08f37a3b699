/** How a burst of calls starts threads, and what they are started with. @module */

import { SHARE_ENV } from 'node:worker_threads';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, where } from '../fixtures/jobs/basics.mjs';
import { init, state } from '../fixtures/jobs/prepared.mjs';
import { surroundings } from '../fixtures/jobs/staff.mjs';
import { open } from '../support/gate.ts';
import { note, tell } from '../support/note.ts';

describe('a burst of calls', () => {
  test.each([1, 2, 3, 8, 64])(
    'in a pool of %i gives each its result',
    async (size) => {
      await using pool = new ThreadPool({ size });
      const results = await Promise.all(Array.from({ length: 200 }, async (_, i) => add.with({ pool })(i, i)));

      expect(results).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i));
      expect(pool.stats().threads).toBeLessThanOrEqual(size);
    },
    60_000,
  );

  test('starts threads in parallel', async () => {
    // Each `init` waits until another one has begun.
    note('initMeets');
    await using pool = new ThreadPool({ size: 2, init });

    await Promise.all([state.with({ pool })(), state.with({ pool })()]);
  });

  test('goes to the threads that are ready, and waits for none that is not', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 2, init });
    const [, , ready] = await state.with({ pool })();
    tell(it, 'initWaits');
    const results = await Promise.all(Array.from({ length: 20 }, async () => where.with({ pool })()));

    expect(new Set(results)).toEqual(new Set([ready]));
    open(it);
  });
});

describe('a thread', () => {
  test('is started with resourceLimits and execArgv', async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 64, stackSizeMb: 2 };
    await using pool = new ThreadPool({ size: 1, resourceLimits, execArgv: ['--no-warnings', '--no-deprecation'] });
    const found = await surroundings.with({ pool })('none');

    expect(found.resourceLimits).toMatchObject(resourceLimits);
    expect(found.execArgv).toEqual(['--no-warnings', '--no-deprecation']);
  });

  test('is started with env, alone or shared', async () => {
    const env = { COLOUR: 'green' };
    await using green = new ThreadPool({ size: 1, env });
    await using shared = new ThreadPool({ size: 1, env: SHARE_ENV });
    await surroundings.with({ pool: shared })('COLOUR');
    process.env['COLOUR'] = 'red';

    expect(await surroundings.with({ pool: green })('COLOUR')).toMatchObject({ variable: 'green' });
    expect(await surroundings.with({ pool: shared })('COLOUR')).toMatchObject({ variable: 'red' });
    delete process.env['COLOUR'];
  });
});
