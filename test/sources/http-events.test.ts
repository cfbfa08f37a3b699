/** Sources over HTTP against a real server that drops, stalls, refuses, sends garbage and comes back. @module */

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { httpEvents, SourceError } from 'offloop/sources';
import type { HttpEventsOptions, SourceItem } from 'offloop/sources';
import { describe, expect, test, vi } from 'vitest';
import {
  eventServer,
  frames,
  lines,
  refuse,
  serve,
  silence,
  status,
  thenCut,
  thenEnd,
} from '../support/event-server.ts';
import { delayFor, retryAfterFrom } from '../../dist/src/sources/retry.js';
import { isFull } from '../support/full.ts';
import { hasSettled } from '../support/has-settled.ts';
import { take } from '../support/take.ts';
import { untilThrown } from '../support/items.ts';

const soon = { delay: 1, maxDelay: 5 };
const coded = (code: string, more: object = {}): object => expect.objectContaining({ code, ...more }) as object;
const event = (data: unknown): object => ({ type: 'event', data });
const gap = (facts: object = {}): object => expect.objectContaining({ type: 'gap', ...facts }) as object;

/** The first `most` items. */
const first = async (most: number, url: string, options: HttpEventsOptions = {}): Promise<SourceItem[]> =>
  take(httpEvents(url, { retry: soon, ...options }), most);

/** The failure that ends it. */
const failure = async (url: string, options: HttpEventsOptions = {}): Promise<unknown> =>
  (await untilThrown(httpEvents(url, { retry: { ...soon, attempts: 0 }, ...options }))).thrown;

describe('httpEvents of lines', () => {
  test('gives each line as JSON, in order; blank lines are swallowed', async () => {
    const { url, requests } = await eventServer(lines({ n: 1 }, '', ' \r', 'null', '[2]', '"three"\r', { n: 4 }));

    expect(await first(5, url)).toEqual([{ n: 1 }, null, [2], 'three', { n: 4 }].map(event));
    expect(requests.map(({ headers }) => headers.accept)).toEqual([
      'text/event-stream, application/x-ndjson, application/json',
    ]);
  });

  test('swallows what isPing says', async () => {
    const { url } = await eventServer(lines({ ping: 1 }, { n: 1 }, { ping: 1 }, { n: 2 }));
    const isPing: HttpEventsOptions['isPing'] = ({ data }) => Object.hasOwn(data as object, 'ping');

    expect(await first(2, url, { isPing })).toEqual([{ n: 1 }, { n: 2 }].map(event));
  });

  test('reads lines as parse says', async () => {
    const { url } = await eventServer(lines('1;2', '3;4'));

    expect(await first(2, url, { parse: (text) => text.split(';') })).toEqual([event(['1', '2']), event(['3', '4'])]);
  });

  test('gives a last line without its end if it is whole, and says so if it may be cut', async () => {
    const whole = await eventServer((response) => response.end('{"n":1}\n23'));
    const cut = (text: string) =>
      eventServer((_, request) => request.socket.end(`HTTP/1.1 200 OK\r\n\r\n{"n":1}\n${text}`));
    // `fetch` does not tell of a compressed text that ends too soon.
    const compressed = (text: string) =>
      eventServer((response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(`{"n":1}\n${text}`).subarray(0, -8));
      });

    expect(await take(httpEvents(whole.url, { retry: false }))).toEqual([{ n: 1 }, 23].map(event));
    for (const send of [cut, compressed]) {
      const { url } = await send('{"n":23}');
      expect(await take(httpEvents(url, { retry: false }))).toEqual([{ n: 1 }, { n: 23 }].map(event));
      for (const text of ['23', '{"n":2']) {
        const { list, thrown } = await untilThrown(httpEvents((await send(text)).url, { retry: false }));
        expect([list, thrown]).toEqual([[event({ n: 1 })], coded('ERR_OFFLOOP_SOURCE')]);
        expect((thrown as Error).message).toMatch(/it ended within a line$/);
      }
    }
  });

  test('refuses a line that is longer than maxLength, and reads no further', async () => {
    let sent = 0;
    const part = 'x'.repeat(65_536);
    const { url, open } = await eventServer((response) => {
      response.writeHead(200).write('{"n":1}\n"');
      const more = (): void => {
        while (sent < 100_000_000 && !response.destroyed) {
          sent += part.length;
          if (!response.write(part)) return void response.once('drain', more);
        }
      };
      more();
    });
    const { list, thrown } = await untilThrown(httpEvents(url, { maxLength: 1_000_000 }));

    expect(list).toEqual([event({ n: 1 })]);
    expect(thrown).toEqual(coded('ERR_OFFLOOP_TOO_LONG'));
    expect(sent).toBeLessThan(50_000_000);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('measures whole lines too, in bytes', async () => {
    const { url } = await eventServer(lines(`"${'ö'.repeat(4)}"`, `"${'ö'.repeat(5)}"`));
    const { list, thrown } = await untilThrown(httpEvents(url, { maxLength: 10 }));

    expect(list).toEqual([event('öööö')]);
    expect(thrown).toEqual(coded('ERR_OFFLOOP_TOO_LONG'));
  });
});

describe('httpEvents of server-sent events', () => {
  test('gives data, names and ids; comments and events with the name ping are swallowed', async () => {
    const text =
      ': hi\n\ndata: a\n\nevent: price\nid: 7\ndata: b\ndata:  c\n\nevent: ping\ndata: 1\n\ndata: d\r\n\r\nunknown: 1\ndata\n\n';
    const { url, requests } = await eventServer(frames(`\uFEFF${text}`));

    expect(await first(4, url, { format: 'sse' })).toEqual([
      { type: 'event', data: 'a', event: 'message', id: undefined },
      { type: 'event', data: 'b\n c', event: 'price', id: '7' },
      { type: 'event', data: 'd', event: 'message', id: '7' },
      { type: 'event', data: '', event: 'message', id: '7' },
    ]);
    expect(requests[0]?.headers.accept).toBe('text/event-stream');
  });

  test('goes on after the last id, without a notice', async () => {
    const { url, requests } = await eventServer(
      thenCut(frames('id: 1\ndata: a\n\nid: zwölf\ndata: b\n\ndata: half')),
      status(503),
      frames('id: 13\ndata: c\n\n'),
    );
    const items = await first(3, url);

    expect(items.map((item) => item.type === 'event' && item.data)).toEqual(['a', 'b', 'c']);
    expect(requests.map(({ headers }) => String(headers['last-event-id'] ?? ''))).toEqual(
      ['', 'zwölf', 'zwölf'].map(latin),
    );
  });

  test('says that events may be missing where there is no id, or one was taken back', async () => {
    const { url, requests } = await eventServer(
      thenCut(frames('data: a\n\n')),
      thenCut(frames('id: 1\ndata: b\n\n')),
      thenCut(frames('id:\ndata: c\n\n')),
      frames('data: d\n\n'),
    );

    expect((await first(6, url)).map((item) => (item.type === 'event' ? item.data : 'gap'))).toEqual([
      'a',
      'gap',
      'b',
      'c',
      'gap',
      'd',
    ]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, undefined, '1', undefined]);
  });

  test.each([
    ['control characters', 'a\x01b'],
    ['spaces at its end', ' 5 '],
    ['more than headers may have', 'x'.repeat(5000)],
  ])('says that events may be missing where an id has %s, which no header can carry', async (_, id) => {
    const { url, requests } = await eventServer(thenEnd(frames(`id: ${id}\ndata: a\n\n`)), frames('data: b\n\n'));

    expect((await first(3, url)).map((item) => (item.type === 'event' ? item.data : 'gap'))).toEqual(['a', 'gap', 'b']);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, undefined]);
  });

  test('misses none, and gives none twice, at whichever byte the server is cut off', async () => {
    const parts = ['id: 1\ndata: a\r\n\r\n', ': c\n\nid: ä2\ndata: b\n\n', 'id: 3\nevent: x\ndata: d\ndata: e\n\n'];
    const bytes = Buffer.from(parts.join(''));
    const ids = ['', '1', 'ä2', '3'].map(latin);
    const { url, requests } = await eventServer((response, { headers, url }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      const from = ids.indexOf(String(headers['last-event-id'] ?? ''));
      const isFirst = requests.filter((it) => it.url === url).length === 1;
      const cut = Number(String(url).split('?')[1]);
      if (!isFirst) response.write(parts.slice(from).join('') || '\n');
      else response.write(bytes.subarray(0, cut) || '', () => setImmediate(() => response.destroy()));
    });
    for (let cut = 0; cut < bytes.length; cut += isFull ? 1 : 3) {
      const source = httpEvents(`${url}?${cut}`, { retry: soon });
      const seen: unknown[] = [];
      while (seen.length < 3) {
        const { value } = await source.next();
        if (value?.type === 'event') seen.push(value.data);
      }
      await source.close();

      expect([cut, ...seen]).toEqual([cut, 'a', 'b', 'd\ne']);
    }
  });

  test('begins after lastEventId', async () => {
    const { url, requests } = await eventServer(frames('data: a\n\n'));
    await first(1, url, { lastEventId: '41' });

    expect(requests[0]?.headers['last-event-id']).toBe('41');
  });

  test('asks again for an event that parse could not read', async () => {
    let isBroken = true;
    const { url, requests } = await eventServer(
      thenEnd(frames('id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n')),
      frames('id: 2\ndata: 2\n\n'),
    );
    const parse = (text: string): number => {
      if (text === '2' && isBroken) throw new Error(String((isBroken = false)));
      return Number(text);
    };

    expect((await first(2, url, { parse })).map((item) => item.type === 'event' && item.data)).toEqual([1, 2]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1']);
  });

  test('waits as long as the server asks for by retry', async () => {
    const { url } = await eventServer(thenEnd(frames('retry: 200\ndata: a\n\n')), frames('data: b\n\n'));
    const [, notice] = await first(2, url);

    expect(notice).toEqual(gap({ attempts: 1 }));
    expect((notice as { duration: number }).duration).toBeGreaterThanOrEqual(95);
  });

  test('is ended by an answer 204', async () => {
    const { url, requests } = await eventServer(thenEnd(frames('id: 1\ndata: a\n\n')), status(204));

    expect(await first(9, url)).toHaveLength(1);
    expect(requests).toHaveLength(2);
  });

  test('takes a page of another type for a failure', async () => {
    const html = { 'content-type': 'text/html' };
    const page = await eventServer((response) => response.writeHead(200, html).end('<p>busy</p>'));
    const events = await eventServer(frames('data: 1\n\n'));

    expect(await failure(page.url, { format: 'sse' })).toEqual(coded('ERR_OFFLOOP_SOURCE'));
    expect(await failure(events.url, { format: 'ndjson' })).toEqual(coded('ERR_OFFLOOP_SOURCE'));
    expect(await failure(page.url)).toEqual(coded('ERR_OFFLOOP_CODEC', { cause: expect.any(SyntaxError) as unknown }));
  });

  test('refuses an event that is longer than maxLength, in one line or in many', async () => {
    const long = 'x'.repeat(600);
    for (const text of [`data: ${long}${long}\n\n`, `data: ${long}${long}`, `data: ${long}\ndata: ${long}\n\n`]) {
      const { url } = await eventServer(frames(`data: a\n\n${text}`));
      const { list, thrown } = await untilThrown(httpEvents(url, { maxLength: 1000 }));

      expect([list.length, thrown]).toEqual([1, coded('ERR_OFFLOOP_TOO_LONG')]);
    }
  });
});

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
      }, 400);
    });
    const source = httpEvents(url, { idleTimeout: 100 });
    await source.next();
    await new Promise((resolve) => setTimeout(resolve, 150));

    expect([(await source.next()).value, (await source.next()).value]).toEqual([event(2), event(3)]);
    expect(requests).toHaveLength(1);
    await source.close();
  });

  test('takes the time limits of fetch for idleness', async () => {
    const timeout = new TypeError('terminated', {
      cause: Object.assign(new Error(), { code: 'UND_ERR_BODY_TIMEOUT' }),
    });
    const fetch = async (): Promise<Response> =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(timeout) }));

    expect(await failure('http://127.0.0.1/', { fetch })).toEqual(coded('ERR_OFFLOOP_TIMEOUT', { cause: timeout }));
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

const latin = (text: string): string => Buffer.from(text).toString('latin1');
