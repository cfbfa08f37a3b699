/** Timers that are none of Node's. @module */

import { describe, expect, test } from 'vitest';
import { ownImmediate, ownTimeout } from '../src/base/own-timers.ts';
import { run } from './support/run.ts';

describe('a timer that is none of Node', () => {
  test('runs its action once its time has come, and not before', async () => {
    const begin = performance.now();
    await new Promise<void>((resolve) => ownTimeout(resolve, 30));

    expect(performance.now() - begin).toBeGreaterThan(25);
  });

  test('runs nothing once it was cancelled, and can be cancelled at any time', async () => {
    let count = 0;
    const cancel = ownTimeout(() => (count += 1), 1);
    cancel();
    const over = ownTimeout(() => (count += 10), 1);
    await new Promise<void>((resolve) => ownTimeout(resolve, 20));
    over();
    cancel();

    expect(count).toBe(10);
  });
});

describe('a turn of the loop that is none of Node', () => {
  test('comes after microtasks, and runs actions in their order; those given meanwhile have the next one', async () => {
    const later = ownImmediate(true);
    const order: unknown[] = [];
    await new Promise<void>((resolve) => {
      later(() => {
        order.push('first');
        later(resolve);
      });
      later(() => order.push('second'));
      void Promise.resolve().then(() => order.push('microtask'));
    });

    expect(order).toEqual(['microtask', 'first', 'second']);
  });

  test('keeps the process alive, and comes for the others when an action throws', async () => {
    const module = new URL('../dist/src/base/own-timers.js', import.meta.url).href;
    const program = `import { ownImmediate } from ${JSON.stringify(module)};
      process.on('uncaughtException', ({ message }) => console.log(message));
      const later = ownImmediate(true);
      later(() => { throw new Error('thrown'); });
      later(() => console.log('second'));`;
    const { lines } = await run(undefined, { nodeArgs: ['--input-type=module'], input: program });

    expect(lines).toEqual(['thrown', 'second']);
  });
});
