/** Leaving a loop over a source that never ends. @module */

import { expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/taking.mjs';
import { later } from '../support/later.ts';

test('a source that does not end within 5 s ends the wait for it by an error', { timeout: 30_000 }, async () => {
  const clings = async function* (): AsyncGenerator<number> {
    try {
      for (;;) yield 1;
    } finally {
      await later().promise;
    }
  };

  await expect(jobs.takesAwaiting(clings(), 1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
});
