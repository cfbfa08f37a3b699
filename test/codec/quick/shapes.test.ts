/** Small plain data is taken apart into primitives, and put together again as it was. @module */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inflate, mouldOf } from '../../../src/codec/quick/shape.ts';
import { Shapes } from '../../../src/codec/quick/shapes.ts';

/** The value that is learnt first in the tests of values that do not have its shape. */
const usual = { id: 1, name: 'a', tags: ['x', 'y'], at: { x: 0.5, y: null } };

/** `values` as the other end puts them together; `undefined` if they have no shape that `shapes` knows. */
function across(shapes: Shapes, values: unknown[]): unknown {
  const leaves = shapes.takeApart(values);
  // Others may stand before and behind them.
  return leaves && inflate(mouldOf(shapes.fitted), ['before', ...structuredClone(leaves), 'behind'], 1);
}

function learnt(...values: unknown[]): Shapes {
  const shapes = new Shapes();
  for (const value of values) shapes.learn([value]);
  return shapes;
}

const leaf = fc.oneof(
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(undefined, null, -0, NaN),
);
const own = { noNullPrototype: true };
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toJSON', '0', '-1', 'then', 'length'));
const { value: plain } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.sparseArray(tie('value'), { maxLength: 3, maxNumElements: 2 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.record({ id: leaf, tags: fc.tuple(leaf, leaf), at: fc.record({ x: tie('value') }, own) }, own),
  ),
}));

test('what is taken apart is put together as structured clone would have it', () => {
  fc.assert(
    fc.property(fc.array(fc.array(plain, { maxLength: 3 }), { maxLength: 40 }), (lists) => {
      const shapes = new Shapes();
      for (const values of lists) {
        const arrived = across(shapes, values);
        if (arrived === undefined) shapes.learn(values);
        else {
          expect(arrived).toStrictEqual(values);
          expect(JSON.stringify(arrived, undeclared)).toBe(JSON.stringify(values, undeclared));
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** Lets JSON say in which order keys stand. */
const undeclared = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

test('values of a shape that was learnt are taken apart, and are new each time', () => {
  const shapes = learnt(usual, [1, [2]]);
  const next = { id: -0, name: undefined, tags: ['z', 7n], at: { x: NaN, y: 'why' } };

  expect(across(shapes, [next])).toStrictEqual([next]);
  expect(across(shapes, [[[], [2]]])).toBeUndefined();
  expect(across(shapes, [['one', [true]]])).toStrictEqual([['one', [true]]]);
  const [one, two] = [across(shapes, [usual]), across(shapes, [usual])] as [typeof usual][];
  expect(one?.[0]).not.toBe(two?.[0]);
  expect(one?.[0].tags).not.toBe(two?.[0].tags);
});

const same = { x: 1, y: 2 };
const round: { id: number; name: string; tags: string[]; at: object } = { ...usual, at: {} };
round.at = Object.assign(round.at, { x: 0, y: round });

describe('what would lose something is not taken apart:', () => {
  class Place {
    x = 1;
    y = 2;
  }
  const pairs = { one: { x: 1, y: 2 }, two: { x: 1, y: 2 } };
  const others: Record<string, unknown> = {
    'one more field': { ...usual, more: 1 },
    'one field less': { id: 1, name: 'a', tags: ['x', 'y'] },
    'another order': { name: 'a', id: 1, tags: ['x', 'y'], at: usual.at },
    'another key': { ...usual, at: { x: 1, z: 2 } },
    'one item more': { ...usual, tags: ['x', 'y', 'z'] },
    'one item less': { ...usual, tags: ['x'] },
    'a gap': { ...usual, tags: ['x', , 'y'].slice(0, 2) },
    'a gap and a field beside the items': { ...usual, tags: Object.assign([, 'y'], { more: 1 }) },
    'a field beside the items': { ...usual, tags: Object.assign(['x', 'y'], { more: 1 }) },
    'a function': { ...usual, name: () => 1 },
    'a symbol': { ...usual, name: Symbol('a') },
    'an object where a primitive was': { ...usual, name: {} },
    'a primitive where an object was': { ...usual, at: null },
    'an array where an object was': { ...usual, at: [0.5, null] },
    'an instance of a class': { ...usual, at: new Place() },
    'no prototype': { ...usual, at: Object.assign(Object.create(null) as object, { x: 1, y: 2 }) },
    'an array of a class': { ...usual, tags: new (class Tags extends Array<string> {})('x', 'y') },
    'an iterable': { ...usual, at: { x: 1, y: 2, *[Symbol.iterator]() {} } },
    'an async iterable': { ...usual, at: { x: 1, y: 2, async *[Symbol.asyncIterator]() {} } },
    'a cycle': round,
    'a list of its fields': [1, 'a', ['x', 'y'], usual.at],
  };

  test.each(Object.keys(others))('%s', (name) => {
    expect(across(learnt(usual), [others[name]])).toBeUndefined();
  });

  test('the same object twice', () => {
    const shapes = learnt(pairs);

    expect(across(shapes, [{ one: same, two: same }])).toBeUndefined();
    expect(across(shapes, [{ one: same, two: { ...same } }])).toStrictEqual([{ one: same, two: same }]);
  });

  test('a key that sets a prototype', () => {
    const value = JSON.parse('{"__proto__": 1, "a": 2}') as unknown;

    expect(across(learnt(value), [value])).toBeUndefined();
  });

  test('more or fewer values than were learnt', () => {
    const shapes = learnt(usual);

    expect(across(shapes, [])).toBeUndefined();
    expect(across(shapes, [usual, 1])).toBeUndefined();
  });

  test('more than 64 parts', () => {
    const many = Array.from({ length: 62 }, (_, i) => i);

    expect(across(learnt(many), [many])).toStrictEqual([many]);
    expect(across(learnt([...many, 62]), [[...many, 62]])).toBeUndefined();
  });
});

test('a getter may take others of the shape apart meanwhile, and what it throws is thrown', () => {
  const shapes = learnt(usual);
  const reads = (name: () => unknown): object => ({
    id: 2,
    get name() {
      return name();
    },
    tags: ['x', 'y'],
    at: usual.at,
  });
  const inner: unknown[] = [];
  const outer = reads(() => {
    inner.push(across(shapes, [usual]), across(shapes, [{ ...usual, tags: 1 }]));
    return 'read';
  });

  expect(across(shapes, [outer])).toStrictEqual([{ ...usual, id: 2, name: 'read' }]);
  expect(inner).toStrictEqual([[usual], undefined]);
  // What was met before it is remembered after it.
  const holder = { one: same, read: 1, two: { ...same } };
  const twice = {
    one: same,
    get read() {
      return across(shapes, [usual]) ? 1 : 0;
    },
    two: same,
  };
  expect(across(learnt(holder), [holder])).toStrictEqual([holder]);
  expect(across(learnt(holder), [twice])).toBeUndefined();
  const failing = reads(() => {
    throw new Error('not now');
  });
  expect(() => across(shapes, [failing])).toThrow('not now');
  expect(across(shapes, [usual])).toStrictEqual([usual]);
});

test('four shapes are learnt, and those of values that come again and again are still found', () => {
  const kinds = [{ a: 1 }, { b: 1 }, { c: 1 }, { d: 1 }, { e: 1 }];
  const shapes = learnt(...kinds);

  for (let i = 0; i < 1000; i += 1)
    for (const kind of kinds.slice(0, 4)) expect(across(shapes, [kind])).toStrictEqual([kind]);
  expect(across(shapes, [kinds[4]])).toBeUndefined();
});

test('where most values have shapes of their own, none is tried any more', () => {
  const shapes = learnt(usual);
  for (let i = 0; i < 100; i += 1) expect(across(shapes, [{ [`key ${i}`]: i }])).toBeUndefined();

  expect(across(shapes, [usual])).toBeUndefined();
});

test('one value of another shape now and then does not matter', () => {
  const shapes = learnt(usual);
  for (let i = 0; i < 1000; i += 1) {
    expect(across(shapes, [{ [`key ${i}`]: i }])).toBeUndefined();
    expect(across(shapes, [usual])).toStrictEqual([usual]);
  }
});
