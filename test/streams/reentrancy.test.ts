import { stream } from 'offloop/streams';
import type { Stream } from 'offloop/streams';
import { describe, expect, test } from 'vitest';

const done = { value: undefined, done: true };

/** Operators that call a function for each item, plain or `async`. */
const operators: Readonly<Record<string, (numbers: Stream<number>, fn: (n: number) => number) => Stream<number>>> = {
  map: (numbers, fn) => numbers.map(fn),
  'map of an async function': (numbers, fn) => numbers.map(async (n) => fn(n)),
  'map with concurrency': (numbers, fn) => numbers.map(async (n) => fn(n), { concurrency: 2 }),
  scan: (numbers, fn) => numbers.scan((_, n) => fn(n), 0),
  echo: (numbers, fn) => numbers.echo(fn),
  groupBy: (numbers, fn) => numbers.groupBy((n) => n).map(async (n) => fn(n)),
  timeout: (numbers, fn) => numbers.map(fn).timeout(60_000),
};

/** Sources of 1 to 4 that give each item at once, or later. */
const sources: Readonly<Record<string, () => Iterable<number> | AsyncIterable<number>>> = {
  'a generator': function* () {
    yield* [1, 2, 3, 4];
  },
  'an async generator': async function* () {
    yield* [1, 2, 3, 4];
  },
};

const cases = Object.keys(sources).flatMap((source) => Object.keys(operators).map((operator) => [operator, source]));

describe.each(cases)('a function of %s over %s', (operator, source) => {
  function run(act: (self: Stream<number>) => void): Stream<number> {
    let hasActed = false;
    const self = (operators[operator] as (typeof operators)[string])(
      stream((sources[source] as (typeof sources)[string])()),
      (n) => {
        if (n === 2 && !hasActed) {
          hasActed = true;
          act(self);
        }
        return n;
      },
    );
    return self;
  }

  test('may ask for items of its own stream', async () => {
    const asked: Promise<IteratorResult<number, undefined>>[] = [];
    const numbers = run((self) => asked.push(self.next(), self.next()));
    const taken: number[] = [];
    for await (const n of numbers) taken.push(n);
    for (const { value } of await Promise.all(asked)) if (value !== undefined) taken.push(value);

    expect(taken.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });

  test('may close its own stream', async () => {
    const closed: Promise<unknown>[] = [];
    const numbers = run((self) => closed.push(self.close(), self.next()));
    const taken: number[] = [];
    for await (const n of numbers) taken.push(n);

    expect(taken.filter((n) => n !== 1)).toEqual([]);

    expect(await Promise.all(closed)).toEqual([undefined, done]);
    expect(await numbers.next()).toEqual(done);
  });
});

test('a source may ask for items of the stream over it', async () => {
  const asked: Promise<unknown>[] = [];
  const closed: string[] = [];
  function* source(): Generator<number> {
    try {
      for (const n of [1, 2, 3]) {
        if (n === 2) asked.push(numbers.next());
        yield n;
      }
    } finally {
      closed.push('closed');
    }
  }
  const numbers: Stream<number> = stream(source()).map((n) => n);

  expect(await numbers.toArray()).toEqual([1, 2]);
  expect(await Promise.all(asked)).toEqual([{ value: 3, done: false }]);
  expect(closed).toEqual(['closed']);
});

test('an abort in a function ends its own stream', async () => {
  const controller = new AbortController();
  const numbers = stream([1, 2], { signal: controller.signal }).map(async (n) => {
    controller.abort(new Error('enough'));
    return n;
  });

  await expect(numbers.next()).rejects.toThrow('enough');
  expect(await numbers.next()).toEqual(done);
});
