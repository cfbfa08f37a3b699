/** What a handler gives, and where it goes. @module */

import { inspect } from 'node:util';
import { flow, handle, keyed, keySink, run, takesKey } from 'offloop/flow';
import { channel, stream, StreamEvent } from 'offloop/streams';
import { topic } from 'offloop/topics';
import { describe, expect, test } from 'vitest';
import { later } from '../support/later.ts';

const argument = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as object;

async function* numbers(length = 5): AsyncGenerator<number> {
  for (let n = 0; n < length; n += 1) yield n;
}

/** What arrives at a sink, from a handler of one item. */
async function given(handler: (value: string) => unknown): Promise<unknown[]> {
  const { handle: register, run: start } = flow();
  const taken: unknown[] = [];
  register(['item'], { sinks: [(value: unknown) => void taken.push(value)] })(handler);
  await start();
  return taken;
}

describe('a handler', () => {
  test('that yields turns numbers into lines for even ones and for zero', async () => {
    const lines: string[] = [];
    const { handle: register, run: start } = flow();

    register(numbers(), { sinks: [(line: string) => void lines.push(line)] })(function* (n) {
      if (n === 0) yield `zero: ${n}`;
      if (n % 2 === 0) yield `even: ${n}`;
    });
    await start();

    expect(lines).toEqual(['zero: 0', 'even: 0', 'even: 2', 'even: 4']);
  });

  test('that returns gives one value: none if it is undefined, and null is one', async () => {
    expect(await given((text) => `${text}!`)).toEqual(['item!']);
    expect(await given(async (text) => `${text}?`)).toEqual(['item?']);
    expect(await given(() => undefined)).toEqual([]);
    expect(await given(async () => undefined)).toEqual([]);
    expect(await given(() => null)).toEqual([null]);
    expect(await given(async () => null)).toEqual([null]);
    expect(await given(() => 0)).toEqual([0]);
    expect(await given(() => '')).toEqual(['']);
  });

  test.each([
    ['a generator', () => letters()],
    ['an async generator', () => lettersLater()],
    ['a function that returns a generator', () => letters()],
    ['an async function of a generator', async () => letters()],
    ['a function that returns a stream', () => stream(['a', 'b', 'c', 'd'])],
    ['one of promises', () => [...letters()].map(async (letter) => letter)[Symbol.iterator]()],
  ])('that is %s gives as many values as it yields', async (_, handler) => {
    expect(await given(handler)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('that yields a promise which is rejected fails with its error, and is closed', async () => {
    let isClosed = false;
    const handler = function* (): Generator {
      try {
        yield Promise.resolve('a');
        yield Promise.reject(new Error('no b'));
      } finally {
        isClosed = true;
      }
    };

    await expect(given(handler)).rejects.toThrow('no b');
    expect(isClosed).toBe(true);
  });

  test('that yields nothing calls no sink', async () => {
    expect(await given(function* () {})).toEqual([]);
    expect(await given(async function* () {})).toEqual([]);
    expect(
      await given(function* () {
        yield undefined;
      }),
    ).toEqual([]);
  });

  test.each([
    ['a text', 'text'],
    ['an array', ['a', 'b']],
    ['a map', new Map([[1, 2]])],
    ['bytes', new Uint8Array([1])],
  ])('that returns %s gives that as one value', async (_, value) => {
    expect(await given(() => value)).toEqual([value]);
  });

  test('is given back as it is, so that it may have several sources', async () => {
    const { handle: register, run: start } = flow();
    const seen: unknown[] = [];
    const look = (value: unknown): void => void seen.push(value);

    expect(register(['a'])(register(numbers(1))(look))).toBe(look);
    await start();
    expect(new Set(seen)).toEqual(new Set([0, 'a']));
  });

  test('is told of the key, the headers and the context, if it declares that it wants to know', async () => {
    const { handle: register, run: start } = flow();
    const message = { offset: 7 };
    const events = [new StreamEvent('value', { key: 'key', headers: { h: 1 }, message, attempt: 2 }), 'plain'];
    const told: unknown[] = [];
    register(events)((value, { signal, ...info }) => void told.push([value, info, signal?.aborted]));
    const counts: number[] = [];
    register(['x'])(function (...args: unknown[]) {
      counts.push(args.length);
    });
    register(['y'])(() => void counts.push(0));

    await start({ context: 'ctx' });
    expect(told).toEqual([
      ['value', { key: 'key', headers: { h: 1 }, message, attempt: 2, context: 'ctx' }, false],
      ['plain', { key: undefined, headers: {}, message: undefined, attempt: 1, context: 'ctx' }, false],
    ]);
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  test('gets the items in order, the next one once the sinks have taken all of the one before', async () => {
    const { handle: register, run: start } = flow();
    const log: string[] = [];
    const sink =
      (name: string) =>
      async (value: unknown): Promise<string> => {
        log.push(`${name} begins ${String(value)}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} ends ${String(value)}`);
        return 'truthy';
      };
    register([1, 2], { sinks: [sink('first'), sink('second')] })((n) => {
      log.push(`handles ${n}`);
      return n;
    });

    await start();
    const one = (n: number): string[] => [
      `handles ${n}`,
      ...['first', 'second'].flatMap((name) => [`${name} begins ${n}`, `${name} ends ${n}`]),
    ];
    expect(log).toEqual([...one(1), ...one(2)]);
  });

  test.each([1, 2])(
    'is called as a function of no object, and so are its sinks (concurrency %i)',
    async (concurrency) => {
      const { handle: register, run: start } = flow();
      const owners: unknown[] = [];
      const handler = function (this: unknown): string {
        owners.push(this);
        return 'result';
      };
      const sink = function (this: unknown): void {
        owners.push(this);
      };
      register([1], { sinks: [sink], concurrency })(handler);
      register([1], { sinks: [sink], concurrency })(function (this: unknown, _value, { attempt }) {
        owners.push(this);
        return attempt;
      });
      await start();

      expect(owners).toEqual([undefined, undefined, undefined, undefined]);
    },
  );

  test('of the program runs by run()', async () => {
    const seen: number[] = [];
    handle([1, 2])((n) => void seen.push(n));

    await run();
    await run();
    expect(seen).toEqual([1, 2, 1, 2]);
  });
});

describe('a sink', () => {
  test('that takes a key and a value gets both, whatever the value is', async () => {
    const { handle: register, run: start } = flow();
    const saved: unknown[] = [];
    const save = keySink((key: string, value: unknown) => void saved.push([key, value]));
    register([['a', 'b'], 'text', null, undefined], { sinks: [save] })((value) => keyed('key', value));
    await start();

    expect(saved).toEqual([
      ['key', ['a', 'b']],
      ['key', 'text'],
      ['key', null],
      ['key', undefined],
    ]);
    expect(save[takesKey]).toBe(true);
  });

  test.each([
    ['a pair', ['key', 'value']],
    ['a value', 'value'],
    ['null', null],
  ])('that takes a key and a value refuses %s', async (_, value) => {
    const { handle: register, run: start } = flow();
    register([value], { sinks: [keySink((key: unknown) => key)] })((it) => it);

    await expect(start()).rejects.toThrow(argument);
  });

  test('that is a function gets what the handler has given, whole', async () => {
    const value = keyed('key', ['a', 'b'], { h: 1 });

    expect(await given(() => value)).toEqual([value]);
    expect(await given(() => ['key', 'value'])).toEqual([['key', 'value']]);
    expect(inspect(value)).toBe("keyed('key', [ 'a', 'b' ])");
  });

  test('that is a channel gets the key and the headers', async () => {
    const { handle: register, run: start } = flow();
    const target = channel<number>();
    const events = stream(target).events();
    register([1], { sinks: [target] })(function* (n) {
      yield keyed('key', n, { h: 1 });
      yield n + 1;
      yield new StreamEvent(n + 2, { key: 'own' });
    });
    await start();
    target.end();

    expect((await events.toArray()).map(({ key, value, headers }) => [key, value, headers])).toEqual([
      ['key', 1, { h: 1 }],
      ['own', 3, {}],
    ]);
  });

  test('may be called and iterated over, as a topic is', async () => {
    const { handle: register, run: start } = flow();
    const sent = channel<string>();
    // As a topic: called to send, taken as a sink by its method, and iterated over for events.
    const topic = Object.assign(async (message: { key: string; value: string }) => sent.send(message.value, message), {
      receive: async (item: string | StreamEvent<string>) => sent.receive(item),
      [Symbol.asyncIterator]: () => sent[Symbol.asyncIterator](),
    });
    const got = later<unknown>();
    register(['x'], { sinks: [topic] })((text) => keyed('sunk', text));
    register(topic)((value, { key }) => {
      got.resolve([key, value]);
      sent.end();
    });

    await start();
    expect(await got.promise).toEqual(['sunk', 'x']);
  });

  test('may be the name of a topic', async () => {
    const { handle: register, run: start } = flow();
    const lines = topic<string>('flow.lines', { start: 'first' });
    const events = stream(lines).events();
    register(['x', 'y'], { sinks: ['flow.lines'] })((text) => keyed(`key ${text}`, text));
    await start();

    expect((await events.take(2).toArray()).map(({ key, value }) => [key, value])).toEqual([
      ['key x', 'x'],
      ['key y', 'y'],
    ]);
    await lines.close();
    expect(() => register([1], { sinks: ['flow.lines'] })).toThrow(argument);
  });

  test('is checked when it is given', () => {
    const { handle: register, onExit } = flow();
    const wrong = [
      () => register([1], { sinks: [1 as never] }),
      () => register([1], { sinks: (() => undefined) as never }),
      () => register([1], { sink: [] } as never),
      () => register(1 as never),
      () => register('text' as never),
      () => register([1])('no function' as never),
      () =>
        (register([1]) as unknown as (fn: unknown, context: unknown) => unknown)(() => undefined, { kind: 'method' }),
      () => register([1], { concurrency: 0 }),
      () => register([1], null as never),
      () => register([1], { maxSize: 0 }),
      () => register([1], { onError: 'skip' }),
      () => register([1], { pipe: [1 as never] as never }),
      () => register([1], { onError: 'skip', deadLetter: keySink(() => undefined) as never }),
      () => keySink(1 as never),
      () => keySink(Object.freeze(() => undefined)),
      () => onExit(1 as never),
      () => onExit(() => undefined, { timeout: 0 }),
    ];

    for (const make of wrong) expect(make).toThrow(argument);
  });
});

function* letters(): Generator<string> {
  yield* ['a', 'b', 'c', 'd'];
}

async function* lettersLater(): AsyncGenerator<string> {
  yield* letters();
}
