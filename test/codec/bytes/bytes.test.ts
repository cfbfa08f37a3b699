/** Values as bytes: what they keep, what they refuse, and what they make of bytes that anybody may have made. @module */

import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { fromBytes, toBytes } from '../../../src/codec/bytes/bytes.ts';
import { fromThread, sendable, toThread } from '../../../src/codec/sendable.ts';
import { version } from '../../../src/codec/bytes/tags.ts';
import { tries } from '../../support/full.ts';
import { anything, expectSame, tangled } from '../any-data.ts';

const again = (value: unknown): unknown => fromBytes(toBytes(value));
const codeOf = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

/** The floor's types do not know it. */
interface Resizable extends ArrayBuffer {
  readonly maxByteLength: number;
  resize(length: number): void;
}
const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => Resizable;

class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
}

class Secret {
  #text: string;
  static revived = 0;
  constructor(text: string) {
    this.#text = text;
  }
  [toThread](): string {
    return this.#text;
  }
  static [fromThread](text: string): Secret {
    Secret.revived += 1;
    return new Secret(text.toUpperCase());
  }
}

sendable(Point);
sendable(Secret);

const lengths = [1, 20, 21, 63, 64, 128, 129, 1100, 8192, 70_000];

describe('values as bytes', () => {
  test('lose nothing of any data', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expectSame(again(value), value);
      }),
      { numRuns: tries(1_500) },
    );
  });

  test('keep identity and cycles', () => {
    fc.assert(
      fc.property(tangled, (value) => {
        expectSame(again(value), value);
      }),
      { numRuns: tries(500) },
    );
  });

  test.each([
    ['whole numbers at the bounds of 32 bits', [2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, -1, 0]],
    ['bigints', [0n, -1n, 2n ** 200n, -(2n ** 64n), 255n, 256n]],
    ['text of every width', ['', 'é', 'e\u0301', '🙂', '\ud800', 'x'.repeat(10_000), '\udc00'.repeat(30)]],
    [
      'text of every length',
      lengths.flatMap((length) => ['a', 'é', 'ž', '🙂', '\ud800'].map((it) => it.repeat(length))),
    ],
    ['many texts, one after the other', Array.from({ length: 500 }, (_, i) => `${i}`.repeat(1 + (i % 40)))],
    ['numbers among others', [1, 'a', 2.5, 3, { a: [4, 5, [6], -0] }, 7, undefined, 8]],
    ['as many gaps as fields', [Object.assign([1, , 3], { tag: 3 }), Object.assign([, NaN], { tag: NaN })]],
    ['fields with strange names', { '\ud800': 1, ['__proto__']: 2, '': 3, length: 4 }],
    [
      'arrays with gaps and fields',
      [Object.assign([1, , 3], { tag: 'x', '-1': 2, '4294967295': 3 }), Object.assign([], { length: 1e9 })],
    ],
    ['boxed primitives', [new Number(-0), new String('s'), new Boolean(false), Object(1n)]],
    ['dates that are none', [new Date(NaN), new Date(0)]],
    ['regular expressions', [/a\/b/dgimsuy, new RegExp('')]],
  ])('keep %s', (_, value) => {
    expect(again(value)).toStrictEqual(value);
  });

  test('keep which views share memory, and where in it they are', () => {
    const memory = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]).buffer;
    const views = [new Uint16Array(memory, 2, 2), new DataView(memory, 1), new Float32Array(memory, 4, 1), memory];

    const [shorts, view, floats, arrived] = again(views) as [Uint16Array, DataView, Float32Array, ArrayBuffer];

    expect(new Set([shorts.buffer, view.buffer, floats.buffer, arrived]).size).toBe(1);
    expect(arrived.byteLength).toBe(9);
    expect([shorts.byteOffset, shorts.length, view.byteOffset, view.byteLength, floats.length]).toEqual([
      2, 2, 1, 8, 1,
    ]);
  });

  test('keep memory that can grow, and which views follow it', () => {
    const [memory, full] = [new Resizable(8, { maxByteLength: 16 }), new Resizable(8, { maxByteLength: 8 })];
    new Uint8Array(memory).fill(3);
    const views = [
      new Uint8Array(memory, 2, 3),
      new Uint8Array(memory),
      new Uint16Array(memory, 4),
      new DataView(memory),
    ];
    const others = [new Uint8Array(full), new Uint8Array(full, 0, 8), new DataView(full, 1), new DataView(full, 1, 7)];

    const back = again([memory, full, views, others]) as [Resizable, Resizable, typeof views, typeof others];
    const sizes = (them: readonly ArrayBufferView[]): number[] => them.map((it) => it.byteLength);
    expect([back[0].byteLength, back[0].maxByteLength, ...sizes(back[2])]).toEqual([8, 16, 3, 8, 4, 8]);
    back[0].resize(12);
    back[1].resize(4);
    expect(sizes(back[2])).toEqual([3, 12, 8, 12]);
    expect(sizes(back[3].slice(0, 3))).toEqual([4, 0, 3]);
    expect(() => back[3][3]?.byteLength).toThrow(TypeError);
    expect([...new Uint8Array(back[0])]).toEqual([3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0]);
    const three = [1, 2, 3].map((length) => new Resizable(length, { maxByteLength: 2 ** 31 }));
    expect(codeOf(() => toBytes(three))).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
  });

  test('copy of a Buffer its own bytes, not the pool behind it', () => {
    const bytes = toBytes(Buffer.from('abc'));

    expect(bytes.length).toBeLessThan(60);
    expect(fromBytes(bytes)).toEqual(Buffer.from('abc'));
  });

  test('revive registered classes, their private parts by their own methods', () => {
    const [point, secret, same] = again([new Point(3), new Secret('a'), new Point(3)]) as [Point, Secret, Point];

    expect(point).toStrictEqual(new Point(3));
    expect(same).toBeInstanceOf(Point);
    expect(secret[toThread]()).toBe('A');
  });

  test.each([
    ['a tree', { value: 1, left: { value: 2, left: null, right: null }, right: { value: 3, left: null, right: null } }],
    ['a list', { id: 1, next: { id: 2, next: { id: 3, next: null } } }],
    ['an array of children', { children: [{ children: [], name: 'b' }], name: 'a' }],
    [
      'a map of them',
      {
        inner: new Map([
          [
            { inner: null, name: 'c' },
            { inner: null, name: 'b' },
          ],
        ]),
        name: 'a',
      },
    ],
    ['no fields', [{}, {}, { a: {} }]],
  ])('keep objects that hold others of their own shape: %s', (_, value) => {
    expect(again(value)).toStrictEqual(value);
  });

  test('name the shape of rows once', () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({ identifier: id, description: 'x' }));

    expect(toBytes(rows).length).toBeLessThan(1_000);
    expect(again(rows)).toEqual(rows);
  });

  test('are the same for the same value, and their format does not change', () => {
    const value = { a: 1, b: ['é', -0.5, null], c: new Map([[1n, new Set([true])]]) };

    const parts = [
      '01000803',
      '026102620263',
      '0402',
      '0a03',
      '070500c3a9',
      '05000000000000e0bf',
      '01',
      '0c01060001010d0103',
    ];
    expect(Buffer.from(toBytes(value)).toString('hex')).toBe(parts.join(''));
  });
});

describe('what does not become bytes', () => {
  test.each([
    ['a function', { on: { click: () => 1 } }, 'value.on.click'],
    ['a symbol', [Symbol('s')], 'value[0]'],
    ['a signal', { signal: new AbortController().signal }, 'value.signal'],
    ['a promise', new Map([['p', Promise.resolve()]]), 'value.get("p")'],
    ['shared memory', [new SharedArrayBuffer(8)], 'value[0]'],
    ['a view of shared memory', { v: new Uint8Array(new SharedArrayBuffer(8)) }, 'value.v'],
    ['an object of the platform', [new Blob(['x'])], 'value[0]'],
    ['a stream', { s: new ReadableStream() }, 'value.s'],
    ['memory that has moved', [detached()], 'value[0]'],
  ])('is refused with its path: %s', (_, value, path) => {
    expect(() => toBytes(value)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' }));
    expect(() => toBytes(value)).toThrow(path);
  });

  test('is refused under the name that the caller has for it', () => {
    expect(() => toBytes([() => 1], { root: 'item' })).toThrow('item[0]');
  });

  test('is refused if it is nested too deeply', () => {
    let value: unknown[] = [];
    for (let i = 0; i < 100_000; i += 1) value = [value];

    expect(codeOf(() => toBytes(value))).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
  });
});

describe('bytes that are not what they should be', () => {
  afterEach(() => void (Secret.revived = 0));

  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  const varint = [0xff, 0xff, 0xff, 0xff, 0x7f];

  test.each([
    ['nothing', bytes()],
    ['another version', bytes(version + 1, 0, 1)],
    ['another content', bytes(version, 7, 1)],
    ['no value', bytes(version, 0)],
    ['an unknown tag', bytes(version, 0, 99)],
    ['more than one value', bytes(version, 0, 1, 1)],
    ['an array longer than the rest', bytes(version, 0, 10, ...varint)],
    ['a text longer than the rest', bytes(version, 0, 7, ...varint)],
    ['memory longer than the rest', bytes(version, 0, 17, ...varint)],
    ['an object longer than the rest', bytes(version, 0, 8, ...varint)],
    ['a map longer than the rest', bytes(version, 0, 12, ...varint)],
    ['a bigint longer than the rest', bytes(version, 0, 6, 0, ...varint)],
    ['a number without an end', bytes(version, 0, 4, ...Array<number>(20).fill(0xff))],
    ['a text in an unknown encoding', bytes(version, 0, 7, 3, 2, 65)],
    ['memory that could grow to anything', bytes(version, 0, 20, ...Array<number>(6).fill(0xff), 1, 0)],
    ['memory that is larger than it can be', bytes(version, 0, 20, 1, 2, 0, 0)],
    ['an object that is not there', bytes(version, 0, 19, 3)],
    ['a shape that is not there', bytes(version, 0, 9, 0)],
    ['a regular expression that is none', bytes(version, 0, 15, 2, 0x28, 0)],
    ['a view of a number', bytes(version, 0, 18, 2, 4, 0, 0, 0)],
    ['a view that holds itself', bytes(version, 0, 18, 2, 19, 0, 0, 0)],
    ['a view of an unknown type', bytes(version, 0, 18, 200, 17, 0, 0, 0)],
    ['a view beyond its memory', bytes(version, 0, 18, 2, 17, 1, 5, 0, 9)],
    ['an item outside its array', bytes(version, 0, 11, 1, 1, 2, 0x39, 1)],
    ['holes that are none', bytes(version, 1, 10, 1, 1, 4, 0)],
  ])('are refused: %s', (_, given) => {
    expect(codeOf(() => fromBytes(given))).toBe('ERR_OFFLOOP_BYTES');
  });

  test('are refused if they are nested too deeply', () => {
    const deep = new Uint8Array(1_000_000).fill(10);
    deep.set([version, 0]);
    for (let i = 3; i < deep.length; i += 2) deep[i] = 1;

    expect(codeOf(() => fromBytes(deep))).toBe('ERR_OFFLOOP_BYTES');
  });

  test.each([
    ['function', 1],
    ['iterable', { id: 1 }],
    ['shared', { id: 1 }],
    ['signal', { id: 1 }],
    ['url', { href: 'no url' }],
    ['error', { name: 'x' }],
    ['buffer', 'text'],
    ['instance', 'Secret'],
  ])('revive nothing that bytes do not have: %s', (kind, payload) => {
    const plain = toBytes([[undefined], [[[undefined], 0, kind, payload]]]);
    // The same, said to be a list of values with holes.
    const forged = Uint8Array.from([version, 1, ...plain.subarray(4)]);

    expect(codeOf(() => fromBytes(forged))).toBe('ERR_OFFLOOP_BYTES');
    expect(Secret.revived).toBe(0);
  });

  test('cannot change prototypes', () => {
    const forged = toBytes(JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1 }'));

    const value = fromBytes(forged) as { polluted?: unknown };

    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value.polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('give a value or are refused, whatever they are', () => {
    const damaged = fc.tuple(anything, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat());
    fc.assert(
      fc.property(damaged, ([value, changes, cut]) => {
        const given = toBytes(value);
        for (const [at, byte] of changes) given[2 + (at % given.length)] = byte;
        const outcome = codeOf(() => void fromBytes(given.subarray(0, 2 + (cut % (given.length + 50)))));

        expect([undefined, 'ERR_OFFLOOP_BYTES']).toContain(outcome);
      }),
      { numRuns: tries(3_000) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        const outcome = codeOf(() => void fromBytes(Uint8Array.from([version, noise.length % 2, ...noise])));

        expect([undefined, 'ERR_OFFLOOP_BYTES']).toContain(outcome);
      }),
      { numRuns: tries(3_000) },
    );
  });
});

function detached(): Uint8Array {
  const view = new Uint8Array(8);
  structuredClone(view, { transfer: [view.buffer] });
  return view;
}
