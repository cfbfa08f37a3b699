import { ndjsonResponse, sseResponse } from 'offloop/sse';
import type { ClientContext } from 'offloop/sse';
import { describe, expect, test, vi } from 'vitest';
import { hasSettled } from '../support/has-settled.ts';
import { dataOf, textOf, ticks } from '../support/sse-source.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const has = (part: string) => (text: string) => text.includes(part);

describe('sseResponse', () => {
  test('sends the items of any iterable as events', async () => {
    const response = sseResponse(ticks(2, { ends: true }), {
      event: 'tick',
      id: (n) => n,
      data: (n) => ({ n }),
      retry: 500,
    });

    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(await textOf(response)).toBe(
      'retry: 500\n\nevent: tick\nid: 1\ndata: {"n":1}\n\nevent: tick\nid: 2\ndata: {"n":2}\n\n',
    );
    const web = new ReadableStream({ start: (it) => (it.enqueue('b'), it.close()) });
    expect(await textOf(sseResponse(['a', 0, undefined]))).toBe(':\n\ndata: a\n\ndata: 0\n\ndata: null\n\n');
    expect(await textOf(sseResponse(web as AsyncIterable<unknown>))).toBe(':\n\ndata: b\n\n');
  });

  test('sends signs of life while its source is quiet, and then its items', async () => {
    let go!: () => void;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const source = (async function* quiet() {
      await gate;
      yield 'late';
    })();
    const text = await textOf(sseResponse(source, { heartbeat: 10 }), (it) => {
      if (it.length > 12) go();
      return it.includes('late');
    });

    expect(text).toMatch(/^(?::\n\n){5,}data: late\n\n$/);
  });

  test('asks for an item when the client has room, not before', async () => {
    const source = ticks();
    const response = sseResponse(source);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    expect(source.given).toBe(0);
    await reader.read();

    expect([await hasSettled(Promise.resolve()), source.given]).toEqual([true, 1]);
    await reader.cancel();
    expect(source.isClosed).toBe(true);
  });

  test('bounds a slow client by maxSize, and drops or ends as overflow says', async () => {
    for (const [overflow, expected] of [
      ['drop-oldest', ['96', '97', '98', '99', '100']],
      ['drop-newest', ['1', '2', '3', '4', '5']],
    ] as const) {
      const source = ticks(100);
      const reader = (sseResponse(source, { overflow, maxSize: 5 }).body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      const first = reader.read();
      await vi.waitFor(() => expect(source.given).toBe(100));
      const texts = [await first];
      for (let n = 0; n < 5; n += 1) texts.push(await reader.read());
      const data = dataOf(texts.map(({ value }) => new TextDecoder().decode(value)).join(''));

      // The first one was asked for when it came.
      expect(data.slice(0, 1)).toEqual(['1']);
      expect(data.slice(1)).toEqual(overflow === 'drop-oldest' ? expected : ['2', '3', '4', '5', '6']);
      await reader.cancel();
      expect(source.isClosed).toBe(true);
    }
    const source = ticks(100);
    const reader = (
      sseResponse(source, { overflow: 'error', maxSize: 5 }).body as ReadableStream<Uint8Array>
    ).getReader();
    await reader.read();
    await reader.read();
    await vi.waitFor(() => expect(source.isClosed).toBe(true));
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };

    await expect(rest()).rejects.toEqual(coded('ERR_OFFLOOP_OVERFLOW'));
  });

  test('does not starve the loop by a source that never waits', async () => {
    const endless = (function* endless() {
      for (let n = 0; ; n += 1) yield n;
    })();
    const response = sseResponse(endless, { overflow: 'drop-oldest', maxSize: 1 });

    expect(dataOf(await textOf(response, has('data: ')))).toHaveLength(1);
  });

  test('hands the last id to its source, of the request of fetch or of Node.js', async () => {
    const seen: (string | undefined)[] = [];
    const source = ({ lastEventId }: ClientContext): number[] => {
      seen.push(lastEventId);
      return [];
    };
    const latin = Buffer.from('zwölf').toString('latin1');
    await textOf(sseResponse(source, { request: new Request('http://a', { headers: { 'last-event-id': latin } }) }));
    await textOf(sseResponse(source, { request: { headers: { 'last-event-id': '12' } } }));
    await textOf(sseResponse(async (client) => source(client), { request: { headers: {} } }));

    expect(seen).toEqual(['zwölf', '12', undefined]);
  });

  test('closes its source when the client leaves, and tells one that awaits something', async () => {
    let isAborted = false;
    const source = async function* quiet({ signal }: ClientContext): AsyncGenerator<number> {
      yield 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      isAborted = true;
    };
    await textOf(sseResponse(source), has('data: 1'));
    const reader = (sseResponse(source).body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.read();
    const pending = reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    await reader.cancel();

    expect(await pending).toMatchObject({ done: true });
    await vi.waitFor(() => expect(isAborted).toBe(true));
  });

  test('is ended by its signal', async () => {
    const controller = new AbortController();
    const source = ticks(1);
    const text = textOf(sseResponse(source, { signal: controller.signal }), (it) => {
      if (it.includes('1')) controller.abort();
      return false;
    });

    expect(dataOf(await text)).toEqual(['1']);
    expect(source.isClosed).toBe(true);
    expect(await textOf(sseResponse([1], { signal: AbortSignal.abort() }))).toBe('');
  });

  test('fails with what its source throws, after the items before, and with ids that cannot be sent', async () => {
    const failing = (function* failing() {
      yield 1;
      throw new Error('broken');
    })();
    await expect(textOf(sseResponse(failing))).rejects.toThrow('broken');
    const source = ticks(3);
    await expect(textOf(sseResponse(source, { id: (n) => `${n}\n` }))).rejects.toEqual(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(source.isClosed).toBe(true);
    await expect(textOf(sseResponse(() => 1 as never))).rejects.toEqual(coded('ERR_OFFLOOP_ARGUMENT'));
    await expect(textOf(sseResponse(() => Promise.reject(new Error('no'))))).rejects.toThrow('no');
  });

  test.each([
    ['a source', () => sseResponse(1 as never)],
    ['a string', () => sseResponse('text' as never)],
    ['a heartbeat', () => sseResponse([], { heartbeat: 0 })],
    ['maxSize', () => sseResponse([], { maxSize: 0 })],
    ['an option', () => sseResponse([], { name: 'x' } as never)],
    ['an option of lines', () => ndjsonResponse([], { id: () => 1 } as never)],
  ])('refuses %s at once that cannot be used', (_, make) => {
    expect(make).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});

describe('ndjsonResponse', () => {
  test('sends a line for each item, and blank lines as signs of life', async () => {
    const response = ndjsonResponse([{ n: 1 }, 'a\nb', undefined]);

    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await textOf(response)).toBe('\n{"n":1}\n"a\\nb"\nnull\n');
    expect(await textOf(ndjsonResponse(ticks(0), { heartbeat: 5 }), has('\n\n\n'))).toMatch(/^\n+$/);
  });
});
