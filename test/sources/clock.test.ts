/** Sources on a machine whose clock is set, forward or back, while they run. @module */

import { httpEvents, serviceAccount } from 'offloop/sources';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { retryAfterFrom } from '../../dist/src/sources/retry.js';
import { eventServer, lines, silence, status, thenEnd } from '../support/event-server.ts';
import { hasSettled } from '../support/has-settled.ts';

const hours = 3_600_000;

/** Sets the clock of the system, as far as this process can tell. */
function setClock(by: number): void {
  const { now } = Date;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + by);
  onTestFinished(() => clock.mockRestore());
}

describe.each([
  ['forward', 5 * hours],
  ['back', -5 * hours],
])('a clock that is set %s', (_, by) => {
  test('makes no connection idle, and does not keep one that is', async () => {
    const { url } = await eventServer(silence, lines(1));
    const source = httpEvents(url, { idleTimeout: 300, retry: { delay: 1 } });
    const first = source.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    setClock(by);

    expect(await hasSettled(first)).toBe(false);
    expect((await first).value).toEqual({ type: 'event', data: 1 });
    await source.close();
  });

  test('does not change how long the pause before a connection is', async () => {
    const { url, open } = await eventServer(thenEnd(lines(1)), lines(2));
    const source = httpEvents(url, { retry: { delay: 200, maxDelay: 200 } });
    await source.next();
    const second = source.next();
    await vi.waitFor(() => expect(open.size).toBe(0));
    // The source has noticed, too: it is in the pause.
    await new Promise((resolve) => setTimeout(resolve, 30));
    setClock(by);
    const { value: notice } = await second;

    expect(notice).toMatchObject({ type: 'gap' });
    // By a clock that is set it would be hours, or less than nothing.
    expect((notice as { duration: number }).duration).toBeGreaterThanOrEqual(90);
    expect((notice as { duration: number }).duration).toBeLessThan(hours);
    await source.close();
  });

  test('neither renews a token that is good nor keeps one that has expired', async () => {
    let count = 0;
    let lifetime = 3600;
    const { url } = await eventServer((response) => {
      count += 1;
      response.end(JSON.stringify({ access_token: `t${count}`, expires_in: lifetime }));
    });
    const account = { keyId: 'k', secret: 's', email: 'a@b.c', tokenEndpoint: url };
    const lasting = serviceAccount(account);
    const first = await lasting.headers();
    // Tokens are asked for 10 seconds before they expire: this one lasts for 200 ms.
    lifetime = 10.2;
    const short = serviceAccount(account);
    const expired = await short.headers();
    const since = performance.now();
    setClock(by);

    expect(await lasting.headers()).toEqual(first);
    await vi.waitFor(async () => expect(await short.headers()).not.toEqual(expired), { timeout: 5000 });
    expect(performance.now() - since).toBeGreaterThanOrEqual(190);
  });

  test('does not move a date of the server, which is by its own clock', async () => {
    setClock(by);
    const date = (time: number): string => new Date(time).toUTCString();
    const there = 1_700_000_000_000;

    expect(retryAfterFrom(date(there + 5000), date(there))).toBe(5000);
    expect(retryAfterFrom('5', date(there))).toBe(5000);
    expect(retryAfterFrom(date(there - 5000), date(there))).toBe(0);

    const { url, requests } = await eventServer((response) => {
      const times = { date: date(there), 'retry-after': date(there + 86_400_000) };
      status(503, times)(response, undefined as never);
    });
    const source = httpEvents(url);
    const next = source.next();
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(requests).toHaveLength(1);
    await source.close();
    expect((await next).done).toBe(true);
  });
});

test('a date of the server without its clock is taken by the one here', () => {
  expect(retryAfterFrom(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(50_000);
  expect(retryAfterFrom('never', new Date().toUTCString())).toBeUndefined();
  expect(retryAfterFrom(null)).toBeUndefined();
});
