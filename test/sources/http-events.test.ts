/** What sources over HTTP make of lines of JSON and of server-sent events. @module */

import { gzipSync } from 'node:zlib';
import { httpEvents } from 'offloop/sources';
import type { HttpEventsOptions } from 'offloop/sources';
import { describe, expect, test, vi } from 'vitest';
import { eventServer, frames, lines, status, thenCut, thenEnd } from '../support/event-server.ts';
import { isFull } from '../support/full.ts';
import { untilThrown } from '../support/items.ts';
import { coded, event, failure, first, gap, soon } from '../support/reading.ts';
import { take } from '../support/take.ts';

const latin = (text: string): string => Buffer.from(text).toString('latin1');

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
