import { sseBroadcast } from 'offloop/sse';
import { describe, expect, test, vi } from 'vitest';
import { dataOf, textOf, ticks } from '../support/sse-source.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const requestAfter = (id: string): Request => new Request('http://a', { headers: { 'last-event-id': id } });

/** A source that a test feeds. */
function fed(): { source: AsyncIterable<number>; give(n: number): void; end(error?: Error): void } {
  let controller!: ReadableStreamDefaultController<number>;
  const source = new ReadableStream<number>({ start: (it) => void (controller = it) });
  return {
    source: source as AsyncIterable<number>,
    give: (n) => controller.enqueue(n),
    end: (error) => (error ? controller.error(error) : controller.close()),
  };
}

describe('sseBroadcast', () => {
  test('encodes each event once for 1,000 clients', async () => {
    let encoded = 0;
    const { source, give, end } = fed();
    const live = sseBroadcast(source, { id: (n) => n, data: (n) => (encoded += 1) && { n } });
    const texts = Array.from({ length: 1000 }, async () => textOf(live.response()));
    await vi.waitFor(() => expect(live.clients).toBe(1000));
    for (const n of [1, 2, 3]) give(n);
    end();

    expect(new Set(await Promise.all(texts))).toEqual(
      new Set([':\n\nid: 1\ndata: {"n":1}\n\nid: 2\ndata: {"n":2}\n\nid: 3\ndata: {"n":3}\n\n']),
    );
    expect([encoded, live.clients, live.closed]).toEqual([3, 0, true]);
  });

  test('bounds each client by itself: a slow one misses the oldest events, the others get all', async () => {
    const source = ticks(50, { ends: true });
    const live = sseBroadcast(source, { maxSize: 4 });
    const slow = (live.response().body as ReadableStream<Uint8Array>).getReader();
    await slow.read();
    const fast = await textOf(live.response());
    let text = '';
    for (;;) {
      const { done, value } = await slow.read();
      if (done) break;
      text += new TextDecoder().decode(value);
    }

    expect(dataOf(fast).length).toBeGreaterThanOrEqual(49);
    expect(dataOf(text)).toEqual(['47', '48', '49', '50']);
  });

  test('cuts off one that is too slow, with overflow: error', async () => {
    const source = ticks(50, { ends: true });
    const live = sseBroadcast(source, { maxSize: 4, overflow: 'error', id: (n) => n, replay: 100 });
    const slow = (live.response().body as ReadableStream<Uint8Array>).getReader();
    await slow.read();
    await textOf(live.response());

    const texts: string[] = [];
    const all = async (): Promise<void> => {
      for (;;) texts.push(new TextDecoder().decode((await slow.read()).value));
    };
    await expect(all()).rejects.toEqual(coded('ERR_OFFLOOP_OVERFLOW'));
    expect(dataOf(texts.join(''))).toEqual(['1', '2', '3', '4']);
  });

  test('waits for the slowest with overflow: block', async () => {
    const source = ticks(50);
    const live = sseBroadcast(source, { maxSize: 4, overflow: 'block' });
    const slow = (live.response().body as ReadableStream<Uint8Array>).getReader();
    await slow.read();
    await vi.waitFor(() => expect(source.given).toBe(5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(source.given).toBe(5);
    await slow.cancel();

    await vi.waitFor(() => expect(source.given).toBe(50));
    await live.close();
  });

  test('sends those who come again what they missed', async () => {
    const { source, give } = fed();
    const live = sseBroadcast(source, { id: (n) => n, replay: 3 });
    const first = textOf(live.response(), (text) => text.includes('data: 5'));
    for (const n of [1, 2, 3, 4, 5]) give(n);
    await first;
    const after = async (id: string): Promise<string[]> => {
      const text = textOf(live.response(requestAfter(id)), (it) => it.includes('data: 5'));
      return dataOf(await text);
    };

    expect(await after('4')).toEqual(['5']);
    // What is older than all that are kept gets these.
    expect(await after('1')).toEqual(['3', '4', '5']);
    await live.close();
  });

  test('opens its source by the first client, and goes on when all have left', async () => {
    const source = ticks(1000);
    const live = sseBroadcast(source);
    const unread = live.response();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([source.given, live.clients]).toEqual([0, 0]);
    await textOf(live.response(), (text) => text.includes('data: 3\n'));
    const { given } = source;
    await vi.waitFor(() => expect(source.given).toBeGreaterThan(given));
    await live.close();

    expect([source.isClosed, live.clients, live.response().status]).toEqual([true, 0, 204]);
    expect(await textOf(unread)).toBe(':\n\n');
  });

  test('tells all clients, and those who come, of the error of its source', async () => {
    const { source, give, end } = fed();
    const live = sseBroadcast(source);
    const text = textOf(live.response());
    give(1);
    const failure = new Error('broken');
    setImmediate(() => end(failure));

    await expect(text).rejects.toBe(failure);
    expect(() => live.response()).toThrow(failure);
    await live.close();
  });

  test('is closed by its signal, and at the end of a block', async () => {
    const [one, other] = [ticks(), ticks()];
    const controller = new AbortController();
    const live = sseBroadcast(one, { signal: controller.signal });
    const text = textOf(live.response());
    await vi.waitFor(() => expect(one.given).toBeGreaterThan(0));
    controller.abort();
    await text;
    {
      await using second = sseBroadcast(other);
      await textOf(second.response(), (it) => it.includes('data'));
    }

    expect([one.isClosed, other.isClosed]).toEqual([true, true]);
  });
});
