import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { LocalChannel } from '../../src/channel/local-channel.ts';
import { merge, stream } from 'offloop/streams';
import type { Stream } from 'offloop/streams';
import { describe, expect, test, vi } from 'vitest';
import { items, silent, untilThrown } from '../support/items.ts';
import { later } from '../support/later.ts';
import { numbers, recorded } from '../support/source.ts';

const over = { value: undefined, done: true };

/** Each stage that holds something of its own, over a source. */
const chains: Readonly<Record<string, (source: AsyncIterable<number>) => Stream<unknown>>> = {
  'no stage': (source) => stream(source),
  'fused stages': (source) =>
    stream(source)
      .map((n) => n)
      .filter(() => true),
  'an async function': (source) => stream(source).map(async (n) => n),
  flatMap: (source) => stream(source).flatMap((n) => [n, n]),
  'a window': (source) => stream(source).map(async (n) => n, { concurrency: 3 }),
  'an unordered window': (source) => stream(source).map(async (n) => n, { concurrency: 3, ordered: false }),
  'a timed batch': (source) => stream(source).batch(2, { within: 60_000 }),
  merge: (source) => merge(source, silent()),
  combine: (source) => stream(silent()).combine(stream(source).map((n) => n)),
  nested: (source) => stream(stream(source).map((n) => n)).map((n) => n),
};

describe.each(Object.entries(chains))('with %s the source is closed once', (_, chain) => {
  test('by break', async () => {
    const source = recorded(numbers());
    let count = 0;
    for await (const _ of chain(source)) if ((count += 1) === 3) break;

    expect(source.closed).toBe(1);
  });

  test('by close(), also while an item is awaited', async () => {
    const source = recorded(numbers(), { wait: async (i) => (i === 2 ? new Promise(() => undefined) : undefined) });
    const it = chain(source);
    await it.next();
    const pending = [it.next(), it.next(), it.next(), it.next(), it.next()];
    await Promise.resolve();
    await Promise.all([it.close(), it.close()]);

    expect(source.closed).toBe(1);
    expect((await Promise.all(pending)).at(-1)).toEqual(over);
    expect(await it.next()).toEqual(over);
  });

  test('before it was asked for an item', async () => {
    const source = items().later();
    await chain(source).close();

    expect(await source.next()).toEqual(over);
  });

  test('by await using', async () => {
    const source = recorded(numbers());
    {
      await using it = chain(source);
      await it.next();
    }

    expect(source.closed).toBe(1);
  });

  test('by a signal, whose reason is told once', async () => {
    const controller = new AbortController();
    const source = recorded(numbers(), { wait: async (i) => (i === 2 ? new Promise(() => undefined) : undefined) });
    const it = stream(chain(source), { signal: controller.signal });
    await it.next();
    const pending = [it.next(), it.next(), it.next(), it.next(), it.next()].map(async (step) =>
      step.catch((error) => error as unknown),
    );
    await Promise.resolve();
    controller.abort('enough');

    const told = await Promise.all(pending);
    expect(told.filter((step) => step === 'enough')).toHaveLength(1);
    expect(told.at(-1)).toEqual(over);
    await it.close();
    expect([source.closed, await it.next()]).toEqual([1, over]);
  });

  test('by an error of a function behind it', async () => {
    const source = recorded(numbers());
    const broken = chain(source).map(() => {
      throw new Error('broken');
    });

    expect(await untilThrown(broken)).toEqual({ list: [], thrown: new Error('broken') });
    expect(source.closed).toBe(1);
  });

  test('not at all when it has ended by itself, or thrown', async () => {
    const [ended, thrown] = [recorded([1, 2, 3]), recorded([1], { error: 'source' })];
    await chain(ended).take(3).toArray();
    const it = stream(chain(thrown)).take(1000);

    expect((await untilThrown(it)).thrown === 'source' || thrown.given === 1).toBe(true);
    expect(thrown.closed).toBe(0);
  });
});

describe('closing', () => {
  test('ends every stream that the closed one was made of, or that was made of it', async () => {
    const source = recorded(numbers());
    const root = stream(source);
    const tip = root.map((n) => n).filter(() => true);
    await tip.next();
    await root.close();

    expect([source.closed, await tip.next(), await root.next()]).toEqual([1, over, over]);
  });

  test('ends what waits for the closed stream as a part of it', async () => {
    const part = stream(silent());
    const whole = stream(part.map((n) => n)).combine(stream(silent()));
    const next = whole.next();
    await part.close();

    expect(await next).toEqual(over);
  });

  test('closes all sources of a merge in their order, and rejects with the first error', async () => {
    const order: string[] = [];
    const [first, second] = ['first', 'second'].map((name): AsyncIterable<number> => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: 1, done: false }),
        async return() {
          order.push(name);
          throw new Error(name);
        },
      }),
    })) as [AsyncIterable<number>, AsyncIterable<number>];
    const merged = merge(first, second);
    await merged.next();

    await expect(merged.close()).rejects.toThrow('first');
    expect(order).toEqual(['first', 'second']);
  });

  test('a source of a merge that never is closed keeps no other one open', async () => {
    const hanging = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: 0, done: false }),
        return: async () => new Promise<never>(() => undefined),
      }),
    };
    const source = items();
    const both = merge(hanging, source);
    await both.next();
    void both.close();

    await vi.waitUntil(() => source.isClosed);
  });

  test('an error of closing what flatMap is in is told, after the items before it', async () => {
    const inner = recorded([1, 2, 3], { closeError: new Error('inner') });
    const two = stream([0])
      .flatMap(() => inner)
      .take(2);

    expect(await untilThrown(two)).toEqual({ list: [1, 2], thrown: new Error('inner') });
  });

  test('an error of the stream goes before one of closing', async () => {
    const source = recorded(numbers(), { closeError: new Error('closing') });
    const broken = stream(source).map(() => {
      throw new Error('broken');
    });

    await expect(broken.next()).rejects.toThrow('broken');
  });

  test('an error of closing is told to whoever leaves the loop', async () => {
    const source = recorded(numbers(), { closeError: new Error('closing') });
    const leave = async (): Promise<void> => {
      for await (const _ of stream(source)) break;
    };

    await expect(leave()).rejects.toThrow('closing');
  });

  test('waits for what the source does', async () => {
    const gate = later();
    let isClosed = false;
    async function* source(): AsyncGenerator<number> {
      try {
        yield 1;
      } finally {
        await gate.promise;
        isClosed = true;
      }
    }
    const it = stream(source()).map((n) => n);
    await it.next();
    const closing = it.close();
    gate.resolve();
    await closing;

    expect(isClosed).toBe(true);
  });

  test('does not wait for a generator that awaits an item, and settles what is pending', async () => {
    const it = stream(silent()).map((n) => n);
    const pending = it.next();
    await it.close();

    expect(await pending).toEqual(over);
  });

  test('an error of a flatMap closes the outer source, one of the outer source is told as it is', async () => {
    const source = recorded(numbers());
    const broken = stream(source).flatMap(() => recorded([1], { error: 'inner' }));

    expect(await untilThrown(broken)).toEqual({ list: [1], thrown: 'inner' });
    expect(source.closed).toBe(1);
  });

  test('an aborted signal ends it before it begins', async () => {
    const source = recorded(numbers());
    const it = stream(source, { signal: AbortSignal.abort('before') });

    await expect(it.next()).rejects.toBe('before');
    expect([await it.next(), source.given]).toEqual([over, 0]);
  });

  test('by the signal of a part is told at once, and closes all sources', async () => {
    const controller = new AbortController();
    const [first, second] = [
      recorded(numbers(), { wait: async () => new Promise(() => undefined) }),
      recorded(numbers()),
    ];
    const it = merge(
      stream(first, { signal: controller.signal }),
      stream(second)
        .filter(() => false)
        .take(5),
    );
    const next = it.next();
    controller.abort('enough');

    await expect(next).rejects.toBe('enough');
    expect([first.closed, second.closed, await it.next()]).toEqual([1, 1, over]);
    await expect(stream(stream([1], { signal: AbortSignal.abort('before') })).next()).rejects.toBe('before');
  });

  test.each(['a plain', 'an async'])(
    'by %s function of the stream, in its first call, settles what it was called for',
    async (kind) => {
      const fn = (end: () => void) => (): unknown => {
        end();
        return kind === 'a plain' ? undefined : Promise.resolve();
      };
      const closed = stream([1, 2]).tap(fn(() => void closed.close()));
      const controller = new AbortController();
      const abort = fn(() => controller.abort(new Error('enough')));

      expect(await closed.toArray()).toEqual([]);
      await expect(stream([1, 2], { signal: controller.signal }).tap(abort).next()).rejects.toThrow('enough');
    },
  );

  test('closes a channel that items wait for room in', async () => {
    const channel = new LocalChannel<number>({ maxSize: 1, overflow: 'block' });
    await channel.put(1);
    const put = channel.put(2);
    put.catch(() => undefined);
    for await (const _ of stream(channel)) break;

    expect(channel.closed).toBe(true);
  });
});

describe('what takes async iterables takes a stream, and closes it', () => {
  test('ReadableStream.from', async () => {
    const source = recorded(numbers());
    const reader = ReadableStream.from(stream(source).map((n) => n * 2)).getReader();
    await reader.read();
    await reader.cancel();

    expect(source.closed).toBe(1);
  });

  test('Readable.from', async () => {
    const source = recorded(numbers());
    const readable = Readable.from(stream(source).map((n) => n * 2));
    for await (const n of readable) if (n === 4) break;
    if (!readable.closed) await new Promise((resolve) => readable.once('close', resolve));

    expect(source.closed).toBe(1);
  });

  test('pipeline', async () => {
    const source = recorded(numbers());
    await pipeline(stream(source), async (numbers) => {
      for await (const n of numbers) if (n === 3) return;
    });

    expect(source.closed).toBe(1);
  });
});

describe('functions', () => {
  test('see the context of the first next(), whoever asks later', async () => {
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const look = (): void => void seen.push(store.getStore());
    const it = stream(items(6).later())
      .tap(look)
      .tap(async () => {
        await Promise.resolve();
        look();
      })
      .map(async (n) => (look(), n), { concurrency: 2 });
    await store.run('first', async () => it.next());
    await store.run('second', async () => it.next());
    await it.toArray();

    expect(new Set(seen)).toEqual(new Set(['first']));
    const plain = stream([1, 2]).tap(look);
    await store.run('third', async () => plain.next());
    await store.run('fourth', async () => plain.next());
    expect(seen.slice(-2)).toEqual(['third', 'third']);
  });
});
