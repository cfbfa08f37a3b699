import { stream } from 'offloop/streams';
import { describe, expect, test } from 'vitest';
import { items, untilThrown } from '../support/items.ts';
import { numbers, recorded } from '../support/source.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

describe('a stream', () => {
  test('gives the items of any iterable, and awaits promises among them', async () => {
    expect(await stream([1, 2]).toArray()).toEqual([1, 2]);
    expect(await stream(new Set([Promise.resolve(1), Promise.resolve(2)])).toArray()).toEqual([1, 2]);
    expect(await stream(items(3).later()).toArray()).toEqual([0, 1, 2]);
    expect(await stream(new Response('text').body as AsyncIterable<Uint8Array>).toArray()).toEqual([
      new TextEncoder().encode('text'),
    ]);
    expect(await stream('ab').toArray()).toEqual(['a', 'b']);
    expect(await stream(stream([1, 2]).map((n) => n + 1)).toArray()).toEqual([2, 3]);
  });

  test('keeps items that are falsy', async () => {
    const falsy = [0, '', null, undefined, false, NaN];

    expect(
      await stream(falsy)
        .map((item) => item)
        .toArray(),
    ).toEqual(falsy);
  });

  test('does nothing before the first next(), and opens its source once', async () => {
    const source = recorded([1, 2, 3]);
    const doubled = stream(source)
      .map((n) => n * 2)
      .filter((n) => n > 2);

    expect(source.opened).toBe(0);
    expect(await doubled.next()).toEqual({ value: 4, done: false });
    expect([source.opened, source.given]).toEqual([1, 2]);
    expect(await doubled.toArray()).toEqual([6]);
    expect(source.opened).toBe(1);
  });

  test('asks for one item at a time, when it is asked', async () => {
    const source = items();
    const log: string[] = [];
    const passed = stream(source)
      .tap((n) => log.push(`a${n}`))
      .map(async (n) => n)
      .tap((n) => log.push(`b${n}`));

    await passed.next();
    expect([source.pulled, log]).toEqual([1, ['a0', 'b0']]);
    await passed.next();
    expect([source.pulled, log]).toEqual([2, ['a0', 'b0', 'a1', 'b1']]);
    await passed.close();
  });

  test('serves calls of next() that overlap in order', async () => {
    const source = recorded([1, 2], { wait: async () => Promise.resolve() });
    const it = stream(source).map(async (n) => n * 10);

    const steps = await Promise.all([it.next(), it.next(), it.next(), it.next()]);
    const over = { value: undefined, done: true };
    expect(steps).toEqual([{ value: 10, done: false }, { value: 20, done: false }, over, over]);
  });

  test('is over for ever once it is over, and its items are shared by streams made of it', async () => {
    const base = stream(numbers()).take(4);
    const [a, b] = [base.map((n) => `a${n}`), base.map((n) => `b${n}`)];

    expect([await a.next(), await b.next()].map(({ value }) => value)).toEqual(['a0', 'b1']);
    await a.close();
    expect([(await b.next()).done, (await base.next()).done, (await a.next()).done]).toEqual([true, true, true]);
  });

  test('goes on where its stream stands when it is made of one that has begun', async () => {
    const begun = stream([1, 2, 3, 4]);
    await begun.next();

    expect(await begun.map((n) => n * 2).toArray()).toEqual([4, 6, 8]);
  });

  test('gives what a promise of another kind gives', async () => {
    const thenable = (value: number): PromiseLike<number> => ({
      // oxlint-disable-next-line unicorn/no-thenable
      then: (resolve) => resolve?.(value) as never,
    });

    expect(
      await stream([1, 2])
        .map((n) => thenable(n + 1))
        .toArray(),
    ).toEqual([2, 3]);
  });
});

describe('the operator', () => {
  test('map gives what the function makes of an item and its number', async () => {
    expect(
      await stream(['a', 'b'])
        .map((text, i) => `${text}${i}`)
        .toArray(),
    ).toEqual(['a0', 'b1']);
    expect(
      await stream(['a', 'b'])
        .map(async (text, i) => `${text}${i}`)
        .toArray(),
    ).toEqual(['a0', 'b1']);
  });

  test('filter keeps what the function says, at once or later', async () => {
    const numbers = [1, 2, 3, 4, 5, 6];

    expect(
      await stream(numbers)
        .filter((n) => n % 2 === 0)
        .toArray(),
    ).toEqual([2, 4, 6]);
    expect(
      await stream(numbers)
        .filter(async (n) => n > 3)
        .toArray(),
    ).toEqual([4, 5, 6]);
  });

  test('take gives the first items, asks for no other, and closes the source', async () => {
    const [endless, none] = [items(), items()];

    expect(await stream(endless).take(2).toArray()).toEqual([0, 1]);
    expect([endless.pulled, endless.isClosed]).toEqual([2, true]);
    expect(await stream(none).take(0).toArray()).toEqual([]);
    expect(none.pulled).toBe(0);
    expect(await stream([1, 2]).take(Infinity).toArray()).toEqual([1, 2]);
    expect(await stream(numbers()).take(5).take(2).toArray()).toEqual([0, 1]);
  });

  test('drop leaves out the first items', async () => {
    expect(await stream([1, 2, 3]).drop(2).toArray()).toEqual([3]);
    expect(await stream([1, 2, 3]).drop(0).toArray()).toEqual([1, 2, 3]);
    expect(await stream([1]).drop(4).toArray()).toEqual([]);
  });

  test('flatMap gives the items of what the function gives, in order', async () => {
    const twice = (n: number): number[] => [n, n];

    expect(await stream([1, 2]).flatMap(twice).toArray()).toEqual([1, 1, 2, 2]);
    expect(
      await stream([1, 2])
        .flatMap(async (n) => twice(n))
        .toArray(),
    ).toEqual([1, 1, 2, 2]);
    expect(
      await stream([2, 0, 1])
        .flatMap((n) => items(n).later())
        .toArray(),
    ).toEqual([0, 1, 0]);
    expect(
      await stream([1, 2])
        .flatMap(twice)
        .flatMap(twice)
        .map((n) => n)
        .toArray(),
    ).toHaveLength(8);
  });

  test('flatMap closes what it is in when nobody wants more of it', async () => {
    const [inner, outer] = [items(), items()];

    expect(
      await stream(outer)
        .flatMap(() => inner)
        .take(2)
        .toArray(),
    ).toEqual([0, 1]);
    expect([inner.isClosed, outer.isClosed, outer.pulled]).toEqual([true, true, 1]);
  });

  test('flatMap ends what a take before it cuts, and keeps what is inside', async () => {
    const endless = items();
    const result = stream(endless)
      .take(2)
      .flatMap((n) => [n, n]);

    expect(await result.toArray()).toEqual([0, 0, 1, 1]);
    expect(endless.pulled).toBe(2);
  });

  test('flatMap refuses what is not iterable, texts among it', async () => {
    const refused = stream([1]).flatMap(() => 'ab' as never);

    await expect(refused.next()).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('scan gives each state, and begins with the first item if with nothing else', async () => {
    const add = (sum: number, n: number): number => sum + n;

    expect(await stream([1, 2, 3]).scan(add).toArray()).toEqual([1, 3, 6]);
    expect(await stream([1, 2, 3]).scan(add, 10).toArray()).toEqual([11, 13, 16]);
    expect(
      await stream([1, 2])
        .scan(async (text, n) => `${text}${n}`, '')
        .toArray(),
    ).toEqual(['1', '12']);
    expect(
      await stream([1, 2])
        .scan((_, n) => n, undefined as number | undefined)
        .toArray(),
    ).toEqual([1, 2]);
  });

  test('tap waits for the function and passes the item on', async () => {
    const seen: number[] = [];

    expect(
      await stream([1, 2])
        .tap(async (n) => seen.push(n))
        .toArray(),
    ).toEqual([1, 2]);
    expect(seen).toEqual([1, 2]);
  });

  test('enumerate counts from its start', async () => {
    expect(await stream(['a', 'b']).enumerate().toArray()).toEqual([[0, 'a'], [1, 'b']]); // prettier-ignore
    expect(await stream(['a']).enumerate(5).toArray()).toEqual([[5, 'a']]);
  });

  test('batch gives arrays, the last of them with what is left, none empty', async () => {
    expect(await stream([1, 2, 3, 4, 5]).batch(2).toArray()).toEqual([[1, 2], [3, 4], [5]]);
    expect(await stream([1, 2]).batch(2).toArray()).toEqual([[1, 2]]);
    expect(await stream([]).batch(2).toArray()).toEqual([]);
    expect(await stream([1, 2, 3]).batch(Infinity).toArray()).toEqual([[1, 2, 3]]);
    expect(await stream([1, 2, 3, 4, 5]).batch(2).batch(2).toArray()).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [[5]],
    ]);
    expect(
      await stream([1, 2, 3])
        .batch(2)
        .flatMap((batch) => batch)
        .toArray(),
    ).toEqual([1, 2, 3]);
  });

  test('batch asks for no item that it does not take', async () => {
    const source = items();
    const batches = stream(source).batch(3);
    await batches.next();

    expect(source.pulled).toBe(3);
    await batches.close();
    const cut = items();
    expect(await stream(cut).batch(3).take(1).toArray()).toEqual([[0, 1, 2]]);
    expect(cut.pulled).toBe(3);
  });

  test.each([
    ['take', -1],
    ['drop', 1.5],
    ['batch', 0],
  ] as const)('%s refuses %s', (name, count) => {
    expect(() => stream([1])[name](count)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});

describe('the end', () => {
  const add = (sum: number, n: number): number => sum + n;

  test('reduce makes one of all', async () => {
    expect(await stream([1, 2, 3]).reduce(add)).toBe(6);
    expect(await stream([1, 2, 3]).reduce(async (sum, n) => sum + n, 1)).toBe(7);
    expect(await stream<number>([]).reduce(add, 5)).toBe(5);
    expect(await stream([undefined]).reduce(() => undefined)).toBe(undefined);
    await expect(stream<number>([]).reduce(add)).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('forEach waits for each call', async () => {
    const seen: number[] = [];
    await stream([1, 2]).forEach(async (n, i) => seen.push(n * 10 + i));

    expect(seen).toEqual([10, 21]);
  });

  test('some, every, find and first ask for no more than they need, and close the source', async () => {
    const sources = Array.from({ length: 4 }, () => items());
    const [a, b, c, d] = sources.map((source) => stream(source));

    expect(await a?.some(async (n) => n === 2)).toBe(true);
    expect(await b?.every((n) => n < 2)).toBe(false);
    expect(await c?.find((n) => n === 2)).toBe(2);
    expect(await d?.drop(2).first()).toBe(2);
    expect(sources.map(({ pulled, isClosed }) => [pulled, isClosed])).toEqual(sources.map(() => [3, true]));
  });

  test('some, every, find and first of nothing', async () => {
    const nothing = stream<number>([]);

    expect(await stream<number>([]).some(() => true)).toBe(false);
    expect(await stream<number>([]).every(() => false)).toBe(true);
    expect(await stream<number>([]).find(() => true)).toBe(undefined);
    expect(await nothing.first()).toBe(undefined);
    expect(await stream([0, 0]).every((n) => n === 0)).toBe(true);
    expect(await stream([0]).find((n) => n === 0)).toBe(0);
  });
});

describe('processors', () => {
  test('run in their order, before what follows', async () => {
    const processors = [(n: number) => n + 1, async (n: number) => n * 10];

    expect(
      await stream([1, 2], { processors })
        .filter((n) => n > 20)
        .toArray(),
    ).toEqual([30]);
  });
});

describe('options', () => {
  test.each([
    [{ processors: [1] }],
    [{ maxSize: 0 }],
    [{ onError: 'skip' }],
    [{ onError: 'never' }],
    [{ unknown: 1 }],
    [{ signal: {} }],
  ])('refuse %o', (options) => {
    expect(() => stream([1], options as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('a source has to be iterable, and a function a function', () => {
    expect(() => stream(1 as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => stream([1]).map(1 as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    for (const bad of [Symbol('1'), {}, '1'] as never[]) {
      expect(() => stream([1]).take(bad)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
      expect(() => stream([1]).enumerate(bad)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    }
    expect(() => stream([1]).scan(1 as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => stream([1]).map(String, { concurrency: 0 })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});

describe('an error', () => {
  test('comes after the items before it, once', async () => {
    const broken = stream(recorded([1, 2], { error: new RangeError('broken') })).map((n) => n);

    expect(await untilThrown(broken)).toEqual({ list: [1, 2], thrown: new RangeError('broken') });
    expect(await broken.next()).toEqual({ value: undefined, done: true });
  });

  test.each([undefined, null, 5, 'text'])('is what a source gives that gives no object: %j', async (step) => {
    const iterator = { next: () => step };

    await expect(stream({ [Symbol.iterator]: () => iterator } as never).next()).rejects.toThrow(
      coded('ERR_OFFLOOP_ARGUMENT'),
    );
    await expect(stream({ [Symbol.asyncIterator]: () => iterator } as never).next()).rejects.toThrow(
      coded('ERR_OFFLOOP_ARGUMENT'),
    );
  });

  test.each([
    ['map', (n: number) => fails(n)],
    ['map, later', async (n: number) => fails(n)],
  ])('of a function of %s ends the stream', async (_, fn) => {
    const source = recorded([1, 2, 3]);

    expect(await untilThrown(stream(source).map(fn))).toEqual({ list: [1], thrown: 'two' });
    expect([source.given, source.closed]).toEqual([2, 1]);
  });
});

function fails(n: number): number {
  // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
  if (n === 2) throw 'two';
  return n;
}
