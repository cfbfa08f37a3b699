import { describe, expect, test } from 'vitest';
import { look, LARGE, lookBound, SPECIAL } from '../../../src/codec/quick/look.ts';
import { move } from '../../../src/codec/memory/move.ts';

describe('the look at values', () => {
  test('gives primitives back as they are, without a copy', () => {
    const values = [1, 'text'.repeat(10_000), true, null, undefined, 5n, -0, NaN];

    expect(look(values)).toBe(values);
  });

  test('gives a copy of what is small and plain, with no part of the original in it', () => {
    const value = {
      a: [1, { b: 'c' }],
      d: {},
      e: null,
      f: undefined,
      g: Object.assign(Object.create(null), { h: [] }),
    };

    const [copy] = look([value]) as [typeof value];

    expect(copy).toEqual(value);
    value.a.push(2);
    (value.a[1] as { b: string }).b = 'changed';
    (value.g as { h: number[] }).h.push(1);
    expect(copy).toEqual({ a: [1, { b: 'c' }], d: {}, e: null, f: undefined, g: { h: [] } });
  });

  test('keeps keys named __proto__', () => {
    const [copy] = look([JSON.parse('{"__proto__":{"a":1},"b":{"__proto__":2}}')]) as [{ b: object }];

    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":1},"b":{"__proto__":2}}');
  });

  test('does not take fields from a polluted Object.prototype', () => {
    const everyone = Object.prototype as { polluted?: object };
    everyone.polluted = {};
    const [copy] = look([{ a: 1 }]) as [object];
    delete everyone.polluted;

    expect(Object.keys(copy)).toEqual(['a']);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const shared = {};
  class Plain {
    a = 1;
  }

  test.each([
    ['a cycle', [cycle]],
    ['a shared reference', [[shared, shared]]],
    ['the same argument twice', [shared, shared]],
    ['a gap', [[1, , 2]]],
    ['a gap and a field beside the items', [Object.assign([, 2], { more: 1 })]],
    ['a match', ['abc'.match(/b/)]],
    ['a date', [new Date()]],
    ['a regular expression', [/a/]],
    ['a map', [{ map: new Map([[1, {}]]) }]],
    ['a set', [new Set([1])]],
    ['a typed array', [[new Uint8Array(3)]]],
    ['an array buffer', [new ArrayBuffer(3)]],
    ['an instance', [{ plain: new Plain() }]],
    ['a blob', [new Blob([])]],
    ['many objects', [Array.from({ length: lookBound }, () => ({}))]],
    ['a long array', [Array.from({ length: 1_000 }, (_, i) => i)]],
    ['a deep object', [JSON.parse('['.repeat(100) + ']'.repeat(100))]],
  ])('leaves %s to structured clone', (_, values) => {
    expect(look(values)).toBe(LARGE);
  });

  class WithBuffer {
    a = Buffer.from('x');
  }
  class Lines {
    *[Symbol.iterator](): Iterator<number> {
      yield 1;
    }
  }

  test.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a Buffer', Buffer.from('x')],
    ['a URL', new URL('http://a/')],
    ['URL parameters', new URLSearchParams()],
    ['an error', new RangeError('e')],
    ['a DOMException', new DOMException('e')],
    ['an AbortSignal', new AbortController().signal],
    ['an EventTarget', new EventTarget()],
    ['a promise', Promise.resolve()],
    ['a weak map', new WeakMap()],
    ['a generator', (function* () {})()],
    ['an async generator', (async function* () {})()],
    ['an iterator', [1].values()],
    ['an iterable instance', new Lines()],
    ['an iterable object', { *[Symbol.iterator]() {} }],
    ['an async iterable object', { async *[Symbol.asyncIterator]() {} }],
    ['a stream', new ReadableStream()],
    ['headers', new Headers()],
    ['a mark of move()', move(new Uint8Array(2))],
    ['an instance with a Buffer', new WithBuffer()],
    ['a map with a Buffer', new Map([[1, Buffer.from('x')]])],
    ['a map with a Buffer for a key', new Map([[Buffer.from('x'), 1]])],
    ['a set with a Buffer', new Set([[Buffer.from('x')]])],
  ])('sees that structured clone would lose or refuse %s, on top and within', (_, value) => {
    expect(look([1, value])).toBe(SPECIAL);
    expect(look([{ a: [1, { value }] }])).toBe(SPECIAL);
    expect(look([cycle, [1, , 2], { a: [value] }])).toBe(SPECIAL);
  });

  test('ends in time for what is endless', () => {
    const set = new Set<unknown>();
    const list: unknown[] = [set];
    list.push(list);
    set.add(list).add(set);

    expect(look([set, list])).toBe(LARGE);
  });

  test('reads getters as structured clone does, and lets their errors through', () => {
    const bad = new Error('getter');
    let reads = 0;
    const value = {
      get a() {
        reads += 1;
        return [reads];
      },
    };

    expect(look([value])).toEqual([{ a: [1] }]);
    expect(() =>
      look([
        {
          get a() {
            throw bad;
          },
        },
      ]),
    ).toThrow(bad);
  });
});
