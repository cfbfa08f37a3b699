import { createHistogram } from 'node:perf_hooks';
import { createSecretKey } from 'node:crypto';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { MessageChannel, MessagePort } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { move } from '../../../src/codec/memory/move.ts';
import { pack } from '../../../src/codec/walk/pack.ts';
import { explain } from '../../../src/codec/walk/refusal.ts';
import { failure, roundTrip, sent } from '../round-trip.ts';

class User {
  name = 'ada';
  avatar = Buffer.from('png');
}

const refused = (value: unknown, scope = {}): { code: string | undefined; message: string } => {
  const { code, message } = failure(() => pack([value], { root: 'args', ...scope }));
  return { code, message };
};

describe('a value that structured clone keeps', () => {
  test.each([
    ['a date', new Date(5)],
    ['a regular expression', /a.c/giu],
    ['a big integer', 10n ** 30n],
    ['minus zero', -0],
    ['NaN', NaN],
    ['undefined', undefined],
    ['a boxed primitive', Object('text')],
    ['a typed array', new Float64Array([1, NaN, -0])],
    ['a data view', new DataView(new ArrayBuffer(3))],
    [
      'a map',
      new Map<unknown, unknown>([
        [{ a: 1 }, new Set([1, -0, 'x'])],
        [1, 2],
      ]),
    ],
    ['an array with gaps', [1, , 3, , ,]],
    ['a match, which is an array with fields', 'abc'.match(/b(?<x>c)/)],
  ])('arrives: %s', (_, value) => {
    expect(sent({ value })).toStrictEqual(structuredClone({ value }));
  });

  test.each([
    ['a blob', new Blob(['x'])],
    ['a histogram', createHistogram()],
    ['a key', createSecretKey(Buffer.from('secret'))],
  ])('arrives as what it is: %s', (_, value) => {
    const [arrived] = sent([value]);

    expect(Object.getPrototypeOf(arrived)).toBe(Object.getPrototypeOf(value));
  });

  test('arrives as a plain object if it is an instance of a class, with what structured clone would lose in it', () => {
    const { user } = sent({ user: new User() });

    expect(Object.getPrototypeOf(user)).toBe(Object.prototype);
    expect(user).toEqual({ name: 'ada', avatar: Buffer.from('png') });
    expect(Buffer.isBuffer(user.avatar)).toBe(true);
  });

  test('keeps shared references and cycles', () => {
    const shared = { n: 1 };
    const value: Record<string, unknown> = { a: shared, list: [shared], map: new Map([[shared, shared]]) };
    value['self'] = value;

    const arrived = sent(value);

    expect(arrived['self']).toBe(arrived);
    expect((arrived['list'] as unknown[])[0]).toBe(arrived['a']);
    expect((arrived['map'] as Map<unknown, unknown>).get(arrived['a'])).toBe(arrived['a']);
  });

  test('keeps a key named __proto__', () => {
    const value = JSON.parse('{"__proto__": {"evil": true}, "b": 1}') as object;
    const special = { value, url: new URL('http://a/') };

    const arrived = sent(special).value;

    expect(Object.keys(arrived)).toEqual(['__proto__', 'b']);
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
  });

  test('keeps a URL under the key __proto__', () => {
    const value = Object.defineProperty({}, '__proto__', { value: new URL('http://a/'), enumerable: true });

    expect(Object.entries(sent(value))).toEqual([['__proto__', new URL('http://a/')]]);
  });

  test('keeps the sharing of memory between views', () => {
    const memory = new ArrayBuffer(8);

    const [a, b] = roundTrip([new Uint8Array(memory, 2, 2), new Uint8Array(memory)]);

    expect(a.buffer).toBe(b.buffer);
    expect(a.byteOffset).toBe(2);
  });

  test('stays shared if it is shared memory', () => {
    const memory = new SharedArrayBuffer(4);
    const arrived = sent({ view: new Uint8Array(memory), buffer: Buffer.from(memory) });

    new Uint8Array(memory)[0] = 7;

    expect(arrived.view[0]).toBe(7);
    expect(arrived.buffer[0]).toBe(7);
  });

  test('comes from another realm as well', () => {
    const value = runInNewContext(
      '({ list: [1, { a: 2 }], map: new Map([[1, 2]]), error: new RangeError("far") })',
    ) as {
      error: Error;
    };

    const arrived = sent(value);

    expect(arrived).toMatchObject({ list: [1, { a: 2 }], map: new Map([[1, 2]]) });
    expect(arrived.error).toBeInstanceOf(RangeError);
    expect(arrived.error.message).toBe('far');
  });

  test('is read through proxies and getters, once', () => {
    let reads = 0;
    const value = {
      get lazy() {
        reads += 1;
        return 1;
      },
    };

    expect(sent([new Proxy({ a: [1] }, {}), new Proxy([1, 2], {}), value])).toEqual([{ a: [1] }, [1, 2], { lazy: 1 }]);
    expect(reads).toBe(1);
  });

  test('lets the error of a getter through', () => {
    const bad = new Error('getter');
    const value = {
      get lazy() {
        throw bad;
      },
    };

    expect(failure(() => sent(value))).toBe(bad);
  });

  test('may be process.env or an arguments object', () => {
    const args = (
      function () {
        return arguments;
      } as (...items: number[]) => IArguments
    )(1, 2);

    expect(sent({ env: process.env }).env['PATH']).toBe(process.env['PATH']);
    expect(sent({ args })).toEqual({ args: { 0: 1, 1: 2 } });
  });

  test('may be nested as deep as structured clone bears', () => {
    const deep: { a?: object } = {};
    let it: { a?: object } = deep;
    for (let i = 0; i < 1_500; i += 1) it = it.a = {};

    expect(sent([deep, new URL('http://a/')])[0]).toEqual(structuredClone(deep));
  });
});

describe('a value that structured clone would lose', () => {
  test('arrives: Buffer, URL and URLSearchParams, also as keys and items, in order', () => {
    const url = new URL('http://a/?b=1');
    const value = {
      url,
      params: new URLSearchParams('a=1&a=2'),
      map: new Map<unknown, unknown>([
        [1, Buffer.from('x')],
        [url, 2],
        [3, 4],
      ]),
      set: new Set<unknown>([1, url, Buffer.from('y')]),
    };

    const arrived = sent(value);

    expect(arrived).toEqual(value);
    expect(arrived.url).toBeInstanceOf(URL);
    expect(arrived.params).toBeInstanceOf(URLSearchParams);
    expect([...arrived.map.keys()]).toEqual([1, url, 3]);
    expect(arrived.map.has(arrived.url)).toBe(true);
    expect([...arrived.set].map(Buffer.isBuffer)).toEqual([false, false, true]);
  });

  test('takes only its own view of the pool behind a Buffer', () => {
    const { holes } = pack([Buffer.from('abc')], { root: 'args' });

    expect(holes?.[0]?.[3]).toHaveProperty('buffer.byteLength', 3);
  });

  test('is copied once and the copy moved if it is a large Buffer', () => {
    const buffer = Buffer.alloc(70_000, 1);

    const { transfer } = pack([buffer], { root: 'args' });

    expect(transfer).toHaveLength(1);
    expect(sent(buffer).equals(buffer)).toBe(true);
    expect(buffer.length).toBe(70_000);
  });

  test('moves if it is a Buffer whose memory is on the transfer list', () => {
    const buffer = Buffer.from(new ArrayBuffer(10), 2, 4).fill(7);

    const arrived = sent(buffer, { transfer: new Set([buffer.buffer]) });

    expect([...arrived]).toEqual([7, 7, 7, 7]);
    expect(buffer.length).toBe(0);
  });

  test('arrives as the same thing where it was the same thing', () => {
    const buffer = Buffer.from('x');
    const url = new URL('http://a/');

    const [a, b, [c, d]] = roundTrip([buffer, url, [buffer, url]]);

    expect(c).toBe(a);
    expect(d).toBe(b);
  });
});

describe('a value that moves', () => {
  test('moves out of a mark of move(), wherever the mark stands', () => {
    const memory = new Uint8Array([1, 2]);

    const arrived = sent({ a: [move(memory)] });

    expect(arrived.a[0]).toEqual(new Uint8Array([1, 2]));
    expect(memory.length).toBe(0);
  });

  test('is copied if it is out of the pool that Buffers share', () => {
    const pooled = Buffer.from('pooled');

    expect(sent(move(pooled)).toString()).toBe('pooled');
    expect(pooled.toString()).toBe('pooled');
  });

  test('is a port or a stream on the transfer list', () => {
    const { port1, port2 } = new MessageChannel();
    const stream = new ReadableStream();

    const [arrived, arrivedStream] = roundTrip([{ port: port1 }, stream], {
      transfer: new Set<object>([port1, stream]),
    });

    expect(arrived.port).toBeInstanceOf(MessagePort);
    expect(arrivedStream).toBeInstanceOf(ReadableStream);
    port2.close();
    arrived.port.close();
  });
});

describe('a function in the arguments', () => {
  const scope = (): {
    given: Function[];
    exportFunction(fn: Function): number;
    importFunction(id: number): Function;
  } => {
    const given: Function[] = [];
    return {
      given,
      exportFunction: (fn) => (given.includes(fn) ? given.indexOf(fn) : given.push(fn) - 1),
      importFunction: (id) => Object.assign(() => id, { id }),
    };
  };

  test('becomes a handle in plain containers, maps and sets; one for one function', () => {
    const fn = (): void => undefined;
    const other = (): void => undefined;
    const functions = scope();

    const [first, { list, map }] = roundTrip([fn, { list: [fn, other], map: new Map([['k', other]]) }], functions);

    expect(functions.given).toEqual([fn, other]);
    expect(list[0]).toBe(first);
    expect(map.get('k')).toBe(list[1]);
  });

  test('is refused inside an instance of a class, naming the field', () => {
    class Job {
      done = (): void => undefined;
    }

    expect(refused({ job: new Job() }, scope())).toEqual({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringMatching(/args\[0\]\.job\.done .*the function done, inside a Job/),
    });
  });

  test('is refused in a result', () => {
    const { code, message } = failure(() => pack([{ items: [0, 1, 2, () => 3] }], { root: 'result' }));

    expect(code).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(message).toContain('Cannot send result.items[3] to another thread: a function cannot be cloned');
  });
});

describe('what cannot cross', () => {
  class Lines {
    *[Symbol.iterator](): Iterator<number> {
      yield 1;
    }
  }
  class Bus extends EventTarget {}

  test.each([
    ['args[0].a["b c"]', { a: { 'b c': Symbol('s') } }, 'the symbol Symbol(s)'],
    ['args[0].get("k").p', new Map([['k', { p: Promise.resolve() }]]), 'a Promise'],
    ['args[0].keys()', new Map([[new WeakMap(), 1]]), 'a WeakMap'],
    ['args[0].values()[0]', new Set([[new WeakRef({})]]), 'a WeakRef'],
    ['args[0].user.socket', { user: { socket: new Socket() } }, 'a Socket'],
    ['args[0].signal', { signal: new AbortController().signal }, 'an AbortSignal'],
    ['args[0].controller', { controller: new AbortController() }, 'an AbortController'],
    ['args[0].headers', { headers: new Headers() }, 'a Headers'],
    ['args[0].request', { request: new Request('http://a/') }, 'a Request'],
    ['args[0].bus', { bus: new Bus() }, 'a Bus'],
    ['args[0].format', { format: new Intl.NumberFormat() }, 'a NumberFormat'],
    ['args[0][0]', [(function* () {})()], 'a generator'],
    ['args[0][0]', [[1].values()], 'an Array Iterator'],
    ['args[0].lines', { lines: new Lines() }, 'a Lines'],
    ['args[0].own', { own: { *[Symbol.iterator]() {} } }, 'an Object'],
    ['args[0].own', { own: { async *[Symbol.asyncIterator]() {} } }, 'an Object'],
    ['args[0].stream', { stream: new ReadableStream() }, 'a ReadableStream'],
    ['args[0].stream', { stream: Readable.from([]) }, 'a Readable'],
    ['args[0].port', { port: new MessageChannel().port1 }, 'a MessagePort'],
    ['args[0].fake', { fake: new Proxy(new Map(), {}) }, 'a Proxy'],
  ])('is refused with its path: %s', (path, value, what) => {
    const { code, message } = refused(value);

    expect(code).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(message).toMatch(`Cannot send ${path} to another thread: ${what}`);
  });

  test('is refused with its path if it is memory that has moved', () => {
    const memory = new ArrayBuffer(8);
    const [view, buffer] = [new Uint8Array(memory), Buffer.from(memory)];
    structuredClone(memory, { transfer: [memory] });

    for (const gone of [memory, view, buffer]) {
      expect(refused({ gone }).message).toMatch(/args\[0\]\.gone .* its memory has moved/);
    }
  });

  test('is found by trying, where only structured clone itself knows', () => {
    const values = [1, { ok: new Map([['k', [() => 1]]]) }];
    const cause = failure(() => structuredClone(values));

    const error = explain(values, cause, 'args');

    expect(error.code).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(error.message).toContain('args[1].ok.get("k")[0]');
    expect(error.cause).toBe(cause);
  });

  test('is not blamed on what moves', () => {
    const { port1, port2 } = new MessageChannel();
    const values = [{ port: port1 }, { bad: Symbol('bad') }];

    expect(explain(values, new Error('no'), 'args', [port1]).message).toContain('args[1].bad');
    port2.close();
  });
});
