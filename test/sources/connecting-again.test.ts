/** Sources over HTTP against a real server that drops, stalls, refuses, sends garbage and comes back. @module */

import { httpEvents, SourceError } from 'offloop/sources';
import type { HttpEventsOptions, SourceItem } from 'offloop/sources';
import { Agent, fetch as undiciFetch } from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { delayFor, retryAfterFrom } from '../../dist/src/sources/retry.js';
import { eventServer, lines, refuse, serve, silence, status, thenCut, thenEnd } from '../support/event-server.ts';
import { hasSettled } from '../support/has-settled.ts';
import { untilThrown } from '../support/items.ts';
import { coded, event, failure, first, gap, soon } from '../support/reading.ts';
import { take } from '../support/take.ts';

describe('httpEvents connects again', () => {
  test('after an end, a cut, no answer, garbage and each status but 401, with a notice of what may be missing', async () => {
    const { url, requests } = await eventServer(
      thenEnd(lines(1)),
      thenCut(lines(2)),
      refuse,
      status(500),
      status(503),
      status(404),
      status(403),
      lines(3, '<html>', 4),
      lines(5),
    );
    const items = await first(7, url);

    expect(items.map((item) => (item.type === 'event' ? item.data : [item.code, item.attempts]))).toEqual([
      1,
      ['ERR_OFFLOOP_SOURCE', 1],
      2,
      ['ERR_OFFLOOP_SOURCE', 6],
      3,
      ['ERR_OFFLOOP_CODEC', 1],
      5,
    ]);
    expect(requests).toHaveLength(9);
  });

  test('while the server is down, until it is back', async () => {
    const before = await eventServer(lines(1));
    const source = httpEvents(before.url, { retry: { ...soon, attempts: Infinity } });
    await source.next();
    await before.stop();
    const second = source.next();
    expect(await hasSettled(second)).toBe(false);
    await serve(before.port, [lines(2)]);

    expect((await second).value).toEqual(gap({ code: 'ERR_OFFLOOP_SOURCE' }));
    expect((await source.next()).value).toEqual(event(2));
    await source.close();
  });

  test('when nothing comes for idleTimeout: no answer, no first byte, or no further one', async () => {
    const { url, requests, open } = await eventServer(silence, lines(), lines(1), lines(2));

    expect(await first(4, url, { idleTimeout: 400 })).toEqual([
      gap({ code: 'ERR_OFFLOOP_TIMEOUT', attempts: 2 }),
      event(1),
      gap({ code: 'ERR_OFFLOOP_TIMEOUT', attempts: 1 }),
      event(2),
    ]);
    expect(requests).toHaveLength(4);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('not because its consumer is slow, or pings are all that comes', async () => {
    const { url, requests } = await eventServer((response) => {
      lines(1, 2)(response, undefined as never);
      const timer = setInterval(() => response.write('\n'), 10);
      setTimeout(() => {
        clearInterval(timer);
        response.write('3\n');
      }, 1000);
    });
    const source = httpEvents(url, { idleTimeout: 300 });
    await source.next();
    await new Promise((resolve) => setTimeout(resolve, 400));

    expect([(await source.next()).value, (await source.next()).value]).toEqual([event(2), event(3)]);
    expect(requests).toHaveLength(1);
    await source.close();
  });

  test('takes the time limits of fetch for idleness', async () => {
    const { url, requests } = await eventServer(silence, lines(), lines(1));
    // They are 300 seconds unless a dispatcher says otherwise.
    const dispatcher = new Agent({ headersTimeout: 200, bodyTimeout: 200 });
    onTestFinished(async () => dispatcher.destroy());
    const fetch = undiciFetch as unknown as typeof globalThis.fetch;

    expect(await first(2, url, { fetch, request: { dispatcher } })).toEqual([
      gap({ code: 'ERR_OFFLOOP_TIMEOUT', attempts: 2 }),
      event(1),
    ]);
    expect(requests).toHaveLength(3);
  });

  test('after pauses that double up to the longest, each shortened at random by up to a half', () => {
    const retry = { isOn: true, attempts: Infinity, delay: 1000, maxDelay: 30_000 };
    const none = { asked: undefined, retryAfter: 0 };
    for (const [failures, longest] of [
      [1, 1000],
      [2, 2000],
      [5, 16_000],
      [6, 30_000],
      [5000, 30_000],
    ] as const) {
      const delays = Array.from({ length: 200 }, () => delayFor(retry, failures, none));
      expect(Math.max(...delays)).toBeLessThanOrEqual(longest);
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(longest / 2);
      // Many clients do not come at once.
      expect(new Set(delays).size).toBeGreaterThan(100);
    }
    // That of a server counts instead of the first one, and even if it is longer than the longest.
    expect(delayFor(retry, 1, { ...none, asked: 60_000 })).toBeGreaterThanOrEqual(30_000);
    expect(delayFor(retry, 1, { ...none, asked: 0 })).toBeGreaterThanOrEqual(25);
  });

  test('waits as long as Retry-After says, in seconds or until a date', async () => {
    const date = new Date(Date.now() + 1000).toUTCString();
    for (const retryAfter of ['1', date]) {
      const { url } = await eventServer(thenEnd(lines(1)), status(429, { 'retry-after': retryAfter }), lines(2));
      const [, notice] = await first(2, url);

      expect(notice).toEqual(gap({ attempts: 2 }));
      if (retryAfter === '1') expect((notice as { duration: number }).duration).toBeGreaterThanOrEqual(990);
    }
  });

  test('at most a day later, whatever the server asks for', () => {
    const retry = { isOn: true, attempts: 8, delay: 1000, maxDelay: 30_000 };
    const day = 86_400_000;
    for (const asked of [day * 2, Infinity]) {
      expect(delayFor(retry, 1, { asked, retryAfter: 0 })).toBeLessThanOrEqual(day);
      expect(delayFor(retry, 1, { asked: undefined, retryAfter: asked })).toBeLessThanOrEqual(day + retry.delay);
    }
    expect(retryAfterFrom('9'.repeat(400))).toBe(Infinity);
  });

  test('gives up when no attempt is left since the last event or ping', async () => {
    const end = thenEnd(lines());
    const { url, requests } = await eventServer(end, end, thenEnd(lines(1)), end, thenEnd(lines('')), end, end, end);
    const { list, thrown } = await untilThrown(httpEvents(url, { retry: { ...soon, attempts: 2 } }));

    expect(list.filter((item) => (item as SourceItem).type === 'event')).toEqual([event(1)]);
    expect(thrown).toEqual(coded('ERR_OFFLOOP_SOURCE'));
    expect(requests).toHaveLength(7);
  });

  test('not at all with retry: false', async () => {
    const { url, requests } = await eventServer(thenEnd(lines(1)), status(500));

    expect(await take(httpEvents(url, { retry: false }))).toEqual([event(1)]);
    expect(await failure(url, { retry: false })).toEqual(coded('ERR_OFFLOOP_SOURCE', { status: 500 }));
    expect(requests).toHaveLength(2);
  });

  test('the error says the status, the address without its secrets, and how often it was tried', async () => {
    const { url } = await eventServer(status(503));
    const error = (await failure(`${url}?token=secret`, { retry: { ...soon, attempts: 2 } })) as SourceError;

    expect(error).toBeInstanceOf(SourceError);
    expect([error.status, error.code]).toEqual([503, 'ERR_OFFLOOP_SOURCE']);
    expect(error.message).toBe(
      `Cannot read ${url}: the server answered 503; it was tried 3 times since the last event`,
    );
  });
});

describe('the headers of httpEvents', () => {
  test('are asked for at each connection', async () => {
    const { url, requests } = await eventServer(thenEnd(lines(1)), thenEnd(lines(2)), lines(3));
    let count = 0;
    await first(5, url, { headers: async () => ({ authorization: `token ${(count += 1)}` }) });

    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['token 1', 'token 2', 'token 3']);
  });

  test('that the server refuses end it, without another attempt', async () => {
    const { url, requests } = await eventServer(status(401));

    expect(await failure(url, { retry: soon, headers: { authorization: 'old' } })).toEqual(
      coded('ERR_OFFLOOP_UNAUTHORIZED', { status: 401 }),
    );
    expect(await failure(url, { retry: soon, headers: async () => [['authorization', 'old']] })).toEqual(
      coded('ERR_OFFLOOP_UNAUTHORIZED'),
    );
    expect(requests).toHaveLength(2);
  });

  test('are tried once more if the function gives others when they were refused', async () => {
    const { url, requests } = await eventServer(status(401), lines(1));
    const headers: HttpEventsOptions['headers'] = ({ refused }) => ({ authorization: refused ? 'new' : 'old' });

    expect(await first(1, url, { headers, retry: { attempts: 0 } })).toEqual([event(1)]);
    expect(requests.map((it) => it.headers.authorization)).toEqual(['old', 'new']);
    const never = await eventServer(status(401));
    expect(await failure(never.url, { headers })).toEqual(coded('ERR_OFFLOOP_UNAUTHORIZED'));
    expect(never.requests).toHaveLength(2);
  });

  test('that throw are a failure as any other, and what they throw passes through', async () => {
    const { url, requests } = await eventServer(lines(1));
    let tries = 0;
    const headers = async (): Promise<Record<string, string>> => {
      if ((tries += 1) < 3) throw new Error('no token yet');
      return {};
    };

    expect(await first(1, url, { headers })).toEqual([event(1)]);
    expect(requests).toHaveLength(1);
    const error = new Error('no token');
    expect(await failure(url, { headers: () => Promise.reject(error) })).toBe(error);
  });

  test('go with those of request, whose other fields are those of fetch', async () => {
    const { url, requests } = await eventServer(lines(1));
    const request = { method: 'POST', body: '{}', headers: { 'x-a': '1', 'x-b': '1' } };
    await first(1, url, { request, headers: { 'x-b': '2', accept: 'a/b' } });

    expect(requests[0]).toMatchObject({ method: 'POST', headers: { 'x-a': '1', 'x-b': '2', accept: 'a/b' } });
  });
});
