/** The loop in which a thread blocks: when it looks, when it sleeps, and what ends it. @module */

import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/wait/wait-until.ts';
import { WaitWord } from '../../src/wait/words.ts';

const someWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(256));

/** Adds to `words[0]` and notifies there whenever this thread says by `words[1]` that it is about to sleep. */
const waker = (words: Int32Array, times: number): Worker =>
  new Worker(
    `const { words, times } = require('node:worker_threads').workerData;
     for (let i = 0; i < times; i += 1) {
       Atomics.wait(words, 1, i);
       Atomics.add(words, 0, 1);
       Atomics.notify(words, 0);
     }`,
    { eval: true, workerData: { words, times } },
  );

describe('a wait', () => {
  test('gives at once what is there, without asking whether it may go on', () => {
    const pause = (): never => expect.unreachable();

    expect(waitUntil({ place: { words: someWords(), at: 0 }, attempt: () => 'here', pause })).toBe('here');
  });

  test('looks several times before it sleeps, and is attempted once more whenever the word has changed', async () => {
    const words = someWords();
    const ended = waker(words, 3);
    let sleeps = 0;
    const attempt = (): number | undefined => (Atomics.load(words, 0) === 3 ? 3 : undefined);
    const pause = (_: number, willSleep: boolean): number => {
      if (!willSleep) return Infinity;
      sleeps += 1;
      Atomics.store(words, 1, Atomics.load(words, 0) + 1);
      Atomics.notify(words, 1);
      return Infinity;
    };

    expect(waitUntil({ place: { words, at: 0 }, attempt, pause })).toBe(3);
    // A notification without a change leads to another attempt.
    expect(sleeps).toBeGreaterThanOrEqual(3);
    expect(sleeps).toBeLessThanOrEqual(6);
    await ended.terminate();
  });

  test.each([
    ['the word has changed', undefined],
    ['its mark was taken away', 5],
  ])('does not fall asleep if %s since it began its last look', (_, mark) => {
    const words = someWords();
    let changes = 0;
    const attempt = (): number | undefined => {
      if (mark !== undefined && Atomics.load(words, 0) !== mark) return undefined;
      Atomics.store(words, 0, mark === undefined ? changes + 1 : 0);
      changes += 1;
      return changes >= 3 ? changes : undefined;
    };

    // A sleep without a wake-up would take far longer than the test may.
    expect(waitUntil({ place: { words, at: 0, mark }, attempt, pause: () => 60_000 })).toBe(3);
  });

  test('sleeps no longer than it may, and not at all for 0', () => {
    const asked: number[] = [];
    let left = 3;
    const pause = (waited: number, willSleep: boolean): number => {
      asked.push(waited);
      if (!willSleep) return Infinity;
      left -= 1;
      return left % 2;
    };

    expect(waitUntil({ place: { words: someWords(), at: 0 }, attempt: () => left === 0 || undefined, pause })).toBe(
      true,
    );
    expect(asked).toEqual([...asked].sort((a, b) => a - b));
  });

  test('ends with what is thrown between two attempts', () => {
    const pause = (_: number, willSleep: boolean): number => {
      if (willSleep) throw new RangeError('enough');
      return Infinity;
    };

    expect(() => waitUntil({ place: { words: someWords(), at: 0 }, attempt: () => undefined, pause })).toThrow(
      'enough',
    );
  });

  test.each([
    ['on its lane', true],
    ['elsewhere', false],
  ])('says in the words of its lane where it sleeps: %s', (_, isOnLane) => {
    const control = someWords();
    const words = isOnLane ? control : someWords();
    const at = WaitWord.down;
    words[at] = 7;
    let sleeps = 0;
    const pause = (_: number, willSleep: boolean): number => {
      if (willSleep) sleeps += 1;
      return 1;
    };

    expect(waitUntil({ place: { words, at }, attempt: () => sleeps > 2 || undefined, pause, control })).toBe(true);
    expect([control[WaitWord.sleepsAt], control[WaitWord.asleep]]).toEqual([7, 0]);
  });
});
