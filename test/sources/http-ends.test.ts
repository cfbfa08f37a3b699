/** How sources over HTTP end, and what they refuse. @module */

import { Readable } from 'node:stream';
import { httpEvents } from 'offloop/sources';
import type { HttpEventsOptions } from 'offloop/sources';
import { describe, expect, test, vi } from 'vitest';
import { eventServer, lines, refuse, silence, thenEnd } from '../support/event-server.ts';
import { coded, event, failure, first, gap, soon } from '../support/reading.ts';

describe('httpEvents ends', () => {
  test('at once by close, in each state, and pending next() are done', async () => {
    const never = async (): Promise<never> => new Promise(() => undefined);
    const states: [string, HttpEventsOptions][] = [
      [(await eventServer(silence)).url, {}],
      [(await eventServer(lines())).url, {}],
      [(await eventServer(refuse)).url, { retry: { delay: 60_000 } }],
      [(await eventServer(lines())).url, { headers: never }],
    ];
    for (const [url, options] of states) {
      const source = httpEvents(url, options);
      const pending = [source.next(), source.next()];
      await new Promise((resolve) => setTimeout(resolve, 30));
      await source.close();

      expect(await Promise.all([...pending, source.next()])).toEqual(
        [1, 2, 3].map(() => ({ value: undefined, done: true })),
      );
    }
  });

  test('by its signal, whose reason a pending next() gets, or else the next one', async () => {
    const { url, open } = await eventServer(lines(1));
    const controller = new AbortController();
    const source = httpEvents(url, { signal: controller.signal });
    await source.next();
    const pending = [source.next(), source.next()];
    const reason = new Error('enough');
    controller.abort(reason);

    await expect(pending[0]).rejects.toBe(reason);
    expect(await pending[1]).toEqual({ value: undefined, done: true });
    const late = httpEvents(url, { signal: controller.signal });
    await expect(late.next()).rejects.toBe(reason);
    expect(await late.next()).toEqual({ value: undefined, done: true });
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('by leaving a loop, which closes the connection', async () => {
    const { url, open } = await eventServer(lines(1));
    await first(1, url);

    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('by throw() and at the end of a block', async () => {
    const { url, open } = await eventServer(lines(1));
    const source = httpEvents(url);
    await source.next();
    await expect(source.throw?.(new Error('mine'))).rejects.toThrow('mine');
    {
      await using other = httpEvents(url);
      await other.next();
    }

    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('serves next() that overlap in order', async () => {
    const { url } = await eventServer(thenEnd(lines(1, 2)), lines(3));
    const source = httpEvents(url, { retry: soon });
    const steps = await Promise.all(Array.from({ length: 4 }, () => source.next()));

    expect(steps.map(({ value }) => value)).toEqual([event(1), event(2), gap(), event(3)]);
    await source.close();
  });

  test('reads no further than its consumer asks', async () => {
    let sent = 0;
    const line = `${JSON.stringify('x'.repeat(10_000))}\n`;
    const { url } = await eventServer((response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed) {
          sent += 1;
          if (!response.write(line)) return void response.once('drain', more);
        }
      };
      more();
    });
    const source = httpEvents(url);
    await source.next();
    let before = -1;
    await vi.waitUntil(() => before === (before = sent), { interval: 100, timeout: 10_000 });

    expect(sent).toBeLessThan(2000);
    await source.close();
  });
});

describe('httpEvents refuses', () => {
  test.each([
    ['an address', () => httpEvents('ftp://example.com')],
    ['a relative address', () => httpEvents('/events')],
    ['attempts', () => httpEvents('http://a', { retry: { attempts: -1 } })],
    ['an idleTimeout', () => httpEvents('http://a', { idleTimeout: -1 })],
    ['a format', () => httpEvents('http://a', { format: 'csv' as never })],
    ['an option', () => httpEvents('http://a', { retries: 1 } as never)],
    ['an option of retry', () => httpEvents('http://a', { retry: { tries: 1 } as never })],
    ['retry', () => httpEvents('http://a', { retry: true as never })],
    ['credentials in an address', () => httpEvents('http://me:secret@a')],
    ['a header', () => httpEvents('http://a', { headers: { 'a b': '1' } })],
    ['a header of request', () => httpEvents('http://a', { request: { headers: { a: 'b\nc' } } })],
    ['a body for GET', () => httpEvents('http://a', { request: { body: '1' } })],
    [
      'a body that can be sent once',
      () => httpEvents('http://a', { request: { method: 'POST', body: new ReadableStream() } }),
    ],
    ['an id that no header can carry', () => httpEvents('http://a', { lastEventId: 'a\nb' })],
  ])('%s at once that cannot be used', (_, make) => {
    expect(make).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(make).not.toThrow(/secret/);
  });

  test('a function for fetch that gives no Response of the standard', async () => {
    const bodies = [Readable.from(['1\n']), undefined];
    for (const body of bodies) {
      const answer = body && { status: 200, ok: true, headers: new Headers(), body };
      const fetch = (async () => answer) as unknown as typeof globalThis.fetch;
      expect(await failure('http://a', { fetch, retry: soon })).toEqual(coded('ERR_OFFLOOP_ARGUMENT'));
    }
  });
});
