/**
 * Of thrown values and of errors anywhere, every part that can cross does; only the other parts are left out. @module
 */

import { EventEmitter } from 'node:events';
import { createServer, get } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { pack } from '../../../src/codec/walk/pack.ts';
import { fromThread, sendable, toThread } from '../../../src/codec/sendable.ts';
import { sent, thrown } from '../round-trip.ts';

class Point {
  x = 1;
  y: unknown = 2;
}
sendable(Point, { name: 'test.salvage.Point' });

class Plain {
  a = 1;
  run = (): number => 1;
  method(): number {
    return this.a;
  }
}

/** The property `it` of an error, as it arrives. */
const arrives = (it: unknown): unknown => (thrown(Object.assign(new Error('a'), { it })) as { it?: unknown }).it;

const fn = (): number => 1;
const sign = Symbol('sign');

describe('a property of an error', () => {
  test('keeps what can cross beside what cannot', () => {
    const response = { status: 404, data: { rows: [{ id: 1 }] }, config: { fn, url: '/a', sign } };

    expect(arrives(response)).toEqual({ status: 404, data: { rows: [{ id: 1 }] }, config: { url: '/a' } });
  });

  test.each([
    ['a function', fn],
    ['a symbol', sign],
    ['a promise', Promise.resolve()],
    ['a weak map', new WeakMap()],
    ['a socket', new Socket()],
    ['a generator', (function* () {})()],
    ['an iterator', [1].values()],
    ['headers', new Headers()],
    ['an AbortSignal', new AbortController().signal],
  ])('that cannot cross is left out, and its place in an object, too: %s', (_, value) => {
    const error = thrown(Object.assign(new Error('a'), { value, it: { value, b: 1 } }));

    expect(Object.keys(error as object)).toEqual(['it']);
    expect(error).toMatchObject({ it: { b: 1 } });
    expect(Object.keys((error as { it: object }).it)).toEqual(['b']);
  });

  test('keeps the indices of an array: what cannot cross leaves a gap', () => {
    const list = arrives([fn, 1, , { fn, a: 1 }, sign]) as unknown[];

    expect(list).toEqual([, 1, , { a: 1 }, ,]);
    expect(Object.keys(list)).toEqual(['1', '3']);
    expect(list).toHaveLength(5);
  });

  test('keeps gaps, and fields beside the items', () => {
    const sparse: unknown[] = [];
    sparse[4_000_000_000] = fn;

    expect(Object.keys(arrives(Object.assign([1, , fn], { more: 2, fn })) as object)).toEqual(['0', 'more']);
    expect(arrives(sparse)).toHaveLength(4_000_000_001);
  });

  test('keeps the entries of a map, and the items of a set, that can cross whole', () => {
    const key = { fn, k: 1 };
    const map = new Map<unknown, unknown>([
      [key, 1],
      [fn, 2],
      ['f', fn],
      ['o', { fn, a: key }],
    ]);

    const [arrived, set] = arrives([map, new Set([fn, key, 'x'])]) as [Map<unknown, unknown>, Set<unknown>];

    expect([...arrived]).toEqual([
      [{ k: 1 }, 1],
      ['o', { a: { k: 1 } }],
    ]);
    expect([...set]).toEqual([{ k: 1 }, 'x']);
    expect([...set][0]).toBe([...arrived.keys()][0]);
  });

  test('is of its class if that is registered, and else a plain object', () => {
    const point = Object.assign(new Point(), { y: fn });

    const arrived = arrives({ point, plain: new Plain() }) as { point: Point; plain: object };

    expect(arrived.point).toBeInstanceOf(Point);
    expect(Object.entries(arrived.point)).toEqual([['x', 1]]);
    expect(Object.getPrototypeOf(arrived.plain)).toBe(Object.prototype);
    expect(arrived.plain).toEqual({ a: 1 });
  });

  test('of a registered class with data of its own crosses whole or not at all', () => {
    class Whole {
      readonly #data: unknown;
      constructor(data: unknown) {
        this.#data = data;
      }
      get data(): unknown {
        return this.#data;
      }
      [toThread](): unknown {
        return this.#data;
      }
      static [fromThread](data: unknown): Whole {
        return new Whole(data);
      }
    }
    sendable(Whole, { name: 'test.salvage.Whole' });

    const { good, ...rest } = arrives({ good: new Whole([1]), bad: new Whole([fn]), fn }) as { good: Whole };

    expect(good.data).toEqual([1]);
    expect(rest).toEqual({});
  });

  test('keeps what else is not plain', () => {
    const rich = { url: new URL('http://a/'), bytes: Buffer.from('x'), at: new Date(1), list: new Float64Array(2) };

    expect(arrives({ fn, rich })).toEqual({ rich });
  });

  test('is left out if reading it throws, as is what throws within it', () => {
    const bad = {
      get a(): number {
        throw new Error('no');
      },
      b: 1,
    };
    const error = Object.defineProperty(Object.assign(new Error('a'), { fn, bad }), 'worse', {
      enumerable: true,
      get() {
        throw new Error('no');
      },
    });
    const { proxy, revoke } = Proxy.revocable({ a: 1 }, {});
    revoke();

    expect(Object.entries(thrown(error) as object)).toEqual([['bad', { b: 1 }]]);
    expect(arrives({ proxy, b: 1 })).toEqual({ b: 1 });
  });

  test('keeps its cycles, and identity across properties', () => {
    const shared = { fn, n: 1 };
    const back: { fn: unknown; error?: unknown } = { fn };
    const error = Object.assign(new Error('a'), { shared, list: [shared], back });
    back.error = error;
    Object.assign(shared, { self: shared, error });

    const arrived = thrown(error) as typeof error & { shared: { self: unknown; error: unknown } };

    expect(arrived.list[0]).toBe(arrived.shared);
    expect(arrived.shared.self).toBe(arrived.shared);
    expect(arrived.shared.error).toBe(arrived);
    expect(arrived.back.error).toBe(arrived);
  });

  test('of an event emitter is what it holds, without its listeners and other emitters', () => {
    class Job extends EventEmitter {
      id = 5;
      parent = new EventEmitter();
      options = { fn, retries: 2 };
    }
    const job = new Job().on('done', fn);

    expect(arrives({ job })).toEqual({ job: { id: 5, options: { retries: 2 } } });
  });

  test('of an iterable instance is its fields', () => {
    class Headers {
      accept = 'text/html';
      *[Symbol.iterator](): Iterator<string> {
        yield 'accept';
      }
    }

    expect(arrives({ headers: new Headers() })).toEqual({ headers: { accept: 'text/html' } });
  });
});

describe('an error in an error', () => {
  class Failed extends RangeError {}

  test('loses what cannot cross at its own place, as a cause, among the errors, and as a property', () => {
    const inner = (): Error => Object.assign(new Failed('b', { cause: { fn, c: 1 } }), { at: { fn, d: 1 } });
    const error = Object.assign(new AggregateError([inner(), fn, 5], 'a', { cause: inner() }), { list: [inner()] });

    const arrived = thrown(error) as typeof error;

    expect(arrived.errors).toHaveLength(3);
    expect((arrived.errors[1] as Error).message).toBe('[Function: fn]');
    expect(arrived.errors[2]).toBe(5);
    for (const found of [arrived.cause, arrived.errors[0], arrived.list[0]] as Failed[]) {
      expect(found).toBeInstanceOf(RangeError);
      expect([found.message, found.cause]).toEqual(['b', { c: 1 }]);
      expect(found).toMatchObject({ at: { d: 1 } });
    }
  });

  test('is one however often it occurs', () => {
    const inner = Object.assign(new Error('b'), { fn });
    const outer = Object.assign(new Error('a', { cause: inner }), { list: [inner] });
    const arrived = sent([outer, inner, { inner }]) as unknown as [typeof outer, Error, { inner: Error }];

    expect(arrived[0].cause).toBe(arrived[1]);
    expect(arrived[0].list[0]).toBe(arrived[1]);
    expect(arrived[2].inner).toBe(arrived[1]);
  });

  test('leaves what is not of the error as it was', () => {
    const handler = { fn };
    const error = Object.assign(new Error('a'), { handler });
    const ids: Function[] = [];

    const { holes } = pack([error, handler], { root: 'args', exportFunction: (given) => ids.push(given) });

    expect(ids).toEqual([fn]);
    expect(holes?.map(([, key, kind]) => [key, kind])).toContainEqual(['fn', 'function']);
  });
});

describe('anything else that is thrown', () => {
  test('keeps what of it can cross', () => {
    expect(thrown({ status: 500, retry: fn, list: [fn, { a: 1, sign }] })).toEqual({ status: 500, list: [, { a: 1 }] });
    expect(thrown([1, fn])).toEqual([1, ,]);
    expect(thrown(new Plain())).toEqual({ a: 1 });
    expect(thrown({ error: Object.assign(new TypeError('b'), { fn, c: 1 }), fn })).toMatchObject({
      error: { message: 'b', c: 1 },
    });
  });
});

describe('what hangs on an error', () => {
  test('has a bound: the nearest objects arrive, and what else the error has', () => {
    interface Node {
      readonly left: Node;
      readonly right: Node;
      readonly n: number;
    }
    const endless = (n: number): Node => ({
      n,
      get left() {
        return endless(n * 2);
      },
      get right() {
        return endless(n * 2 + 1);
      },
    });
    let count = 0;
    const visit = (node: Node | undefined): void => {
      if (!node) return;
      count += 1;
      visit(node.left);
      visit(node.right);
    };

    const arrived = thrown(Object.assign(new Error('a'), { tree: endless(1), after: { status: 500 } })) as {
      tree: Node;
      after: object;
    };
    visit(arrived.tree);

    expect(arrived.after).toEqual({ status: 500 });
    expect(arrived.tree.left.left.left.n).toBe(8);
    expect(count).toBeGreaterThan(5_000);
    expect(count).toBeLessThanOrEqual(10_000);
  });

  test('may be much, if all of it can cross', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => ({ n }));

    expect(thrown(Object.assign(new Error('a'), { rows }))).toMatchObject({ rows });
  });

  test('may be far away, but not without end', () => {
    let list: { n: number; next?: unknown; fn: unknown } = { n: 0, fn };
    for (let n = 1; n < 20_000; n += 1) list = { n, next: list, fn };

    let length = 0;
    for (let it = arrives(list) as { next?: unknown } | undefined; it; it = it.next as typeof it) length += 1;

    expect(length).toBe(500);
  });

  test('of a request that failed is its data, not the connection', async () => {
    const server = createServer((_, response) => response.end('body')).listen(0);
    await new Promise((resolve) => server.once('listening', resolve));
    const request = get({ port: (server.address() as { port: number }).port });
    await new Promise((resolve) => request.once('response', resolve));
    const config = { agent: (request as { agent?: unknown }).agent, fn };
    const error = Object.assign(new Error('404'), {
      request,
      config,
      response: { status: 404, data: { a: [1] }, request },
    });

    expect(thrown(error)).toMatchObject({ request: { method: 'GET' }, response: { status: 404, data: { a: [1] } } });
    request.destroy();
    server.close();
  });
});
