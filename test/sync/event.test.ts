/** Events between the main side and threads. @module */

import { inspect } from 'node:util';
import { Event, ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { gate, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

const timedOut = expect.objectContaining({ code: 'ERR_OFFLOOP_TIMEOUT' }) as Error;

describe('an event', () => {
  test('is set and cleared as often as you like', () => {
    const event = new Event();
    expect(event.isSet).toBe(false);

    for (let i = 0; i < 3; i += 1) {
      event.set();
      event.set();
      expect(event.isSet).toBe(true);
      event.clear();
      event.clear();
      expect(event.isSet).toBe(false);
    }
  });

  test('lets all go on who wait, in any thread', async () => {
    const event = new Event();
    const it = gate();
    const waiting = [
      jobs.waits.with({ pool })(event, it),
      jobs.waits.with({ pool })(event, it),
      jobs.waitsAsync.with({ pool })(event, it),
      event.waitAsync(),
      event.waitAsync(),
    ];
    await reaches(it, 1, 3);

    event.set();
    expect(await Promise.all(waiting)).toHaveLength(5);
    await event.waitAsync();
  });

  test('that a thread has set is set here', async () => {
    const event = new Event();
    const waiting = event.waitAsync();
    await jobs.does.with({ pool })(event, 'set');

    await waiting;
    expect(event.isSet).toBe(true);
    await jobs.does.with({ pool })(event, 'clear');
    expect(event.isSet).toBe(false);
  });

  test('that is cleared at once lets those go on who were waiting', async () => {
    const event = new Event();
    const waiting = [event.waitAsync(), event.waitAsync()];
    event.set();
    event.clear();

    await Promise.all(waiting);
    await expect(event.waitAsync({ timeout: 1 })).rejects.toThrow(timedOut);
  });

  test('says what it is', () => {
    const event = new Event();
    expect(inspect(event)).toBe('Event { set: false }');
    expect(JSON.stringify({ event })).toBe('{"event":"Event { set: false }"}');
    class Bell extends Event {}
    expect(inspect(new Bell())).toBe('Bell { set: false }');
  });
});

describe('a wait', () => {
  test('ends after its timeout', async () => {
    const event = new Event();

    await expect(event.waitAsync({ timeout: 5 })).rejects.toThrow(timedOut);
    await expect(event.waitAsync({ timeout: 0 })).rejects.toThrow(timedOut);
    expect(await jobs.code.with({ pool })(event, 'wait', { timeout: 5 })).toBe('ERR_OFFLOOP_TIMEOUT');
    expect(await jobs.code.with({ pool })(event, 'waitAsync', { timeout: 5 })).toBe('ERR_OFFLOOP_TIMEOUT');
  });

  test('ends by its signal, with its reason', async () => {
    const event = new Event();
    const reason = new Error('enough');
    const controller = new AbortController();
    const waiting = event.waitAsync({ signal: controller.signal });
    controller.abort(reason);

    await expect(waiting).rejects.toBe(reason);
    await expect(event.waitAsync({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await jobs.aborted.with({ pool })(event, 'wait', [], AbortSignal.abort(reason))).toBe('enough');
    expect(await jobs.aborted.with({ pool })(event, 'waitAsync', [], AbortSignal.timeout(5))).toBe(23);
  });

  test('that has failed leaves the others', async () => {
    const event = new Event();
    const patient = event.waitAsync();
    await expect(event.waitAsync({ timeout: 1 })).rejects.toThrow(timedOut);
    event.set();

    await patient;
  });

  test('never blocks the main side', async () => {
    const event = new Event();
    event.set();

    expect(() => event.wait()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_WOULD_BLOCK' }));
  });

  test.each([
    [{ timeout: -1 }],
    [{ timeout: NaN }],
    [{ timeout: '1' }],
    [{ signal: {} }],
    [{ unknown: 1 }],
    [null],
    [5],
  ])('with the options %o is refused', async (options) => {
    const refused = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;
    const event = new Event();

    await expect(event.waitAsync(options as never)).rejects.toThrow(refused);
    expect(() => event.wait(options as never)).toThrow(refused);
  });
});
