/** Looking for results between the turns of the loop. @module */

import { expect, test, vi } from 'vitest';
import { poll } from '../../src/wait/poll.ts';

vi.mock('../../src/base/clock.ts', async (original) => ({ ...(await original<object>()), now: () => 0 }));

test('ends where the clock stands still as well', async () => {
  let looks = 0;

  await new Promise<void>((resolve) => {
    poll({
      look() {
        looks += 1;
        return true;
      },
      rest: resolve,
    });
  });

  expect(looks).toBeGreaterThan(0);
});
