/** Ticks. @module */

import fakes from '@sinonjs/fake-timers';
import { flow, timer } from 'offloop/flow';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { hasSettled } from '../support/has-settled.ts';
import { turns } from '../support/turns.ts';

const argument = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as object;

/** A clock that the test moves. */
function clock(): { tick(time: number): Promise<unknown>; timers(): number } {
  const fake = fakes.install({
    now: Date.UTC(2026, 0, 1, 23, 25, 10),
    toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
  });
  onTestFinished(() => fake.uninstall());
  return { tick: async (time) => fake.tickAsync(time), timers: () => fake.countTimers() };
}

describe('a timer', () => {
  test('drives a clock that prints the time each second', async () => {
    const { tick } = clock();
    const { handle, run, drain } = flow();
    const lines: string[] = [];
    handle(timer(1000), { sinks: [(line: string) => void lines.push(line)] })(() =>
      new Date().toISOString().slice(11, 19),
    );
    const running = run();
    for (const time of [0, 1000, 1000]) {
      await tick(time);
      await turns();
    }
    drain();

    await running;
    expect(lines).toEqual(['23:25:10', '23:25:11', '23:25:12']);
  });

  test('gives the first tick after the interval, if it is not to be immediate', async () => {
    const { tick } = clock();
    const ticks = timer(1000, { immediate: false })[Symbol.asyncIterator]();
    const first = ticks.next();
    await tick(999);
    expect(await hasSettled(first)).toBe(false);
    await tick(1);

    expect(await first).toEqual({ value: 0, done: false });
  });

  test('gives an immediate tick its number 0, however long the process is held up meanwhile', async () => {
    let time = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 1000));
    onTestFinished(() => clock.mockRestore());
    const ticks = timer(10)[Symbol.asyncIterator]();

    expect(await ticks.next()).toEqual({ value: 0, done: false });
  });

  test('stays on its beat: ticks that nobody has waited for are one', async () => {
    const { tick } = clock();
    const ticks = timer(100)[Symbol.asyncIterator]();
    expect((await ticks.next()).value).toBe(0);
    await tick(350);

    expect((await ticks.next()).value).toBe(3);
    const next = ticks.next();
    await tick(49);
    expect(await hasSettled(next)).toBe(false);
    await tick(1);
    expect((await next).value).toBe(4);
  });

  test('answers calls that overlap in order, and is over for all when it is left', async () => {
    const { tick, timers } = clock();
    const ticks = timer(10)[Symbol.asyncIterator]();
    const both = [ticks.next(), ticks.next()];
    await tick(10);
    expect(await Promise.all(both)).toEqual([
      { value: 0, done: false },
      { value: 1, done: false },
    ]);
    const pending = [ticks.next(), ticks.next()];
    await ticks.return?.();

    expect((await Promise.all(pending)).map(({ done }) => done)).toEqual([true, true]);
    expect((await ticks.next()).done).toBe(true);
    expect(timers()).toBe(0);
  });

  test('begins anew with each iteration', async () => {
    const source = timer(1);
    for (let i = 0; i < 2; i += 1) {
      for await (const tick of source) {
        expect(tick).toBe(0);
        break;
      }
    }
  });

  test('ends by its signal, whose reason is told once', async () => {
    const controller = new AbortController();
    const ticks = timer(60_000, { immediate: false, signal: controller.signal })[Symbol.asyncIterator]();
    const pending = ticks.next();
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect((await ticks.next()).done).toBe(true);

    const late = timer(1, { signal: AbortSignal.abort(new Error('before')) })[Symbol.asyncIterator]();
    await expect(late.next()).rejects.toThrow('before');
    expect((await late.next()).done).toBe(true);
  });

  test.each([0, -1, NaN, Infinity, '1' as never])('refuses an interval of %s', (interval) => {
    expect(() => timer(interval)).toThrow(argument);
  });

  test('refuses options that it does not have', () => {
    expect(() => timer(1, { immediate: 1 as never })).toThrow(argument);
    expect(() => timer(1, { now: true } as never)).toThrow(argument);
  });
});
