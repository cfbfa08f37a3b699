/** Data of every kind that crosses as a copy, for property tests, and what it is for two of them to be the same. @module */

import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { expect } from 'vitest';

/** A class that no other side has. */
class Late extends RangeError {}

/** Data that holds no other. */
export const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(-0, NaN, undefined, null, Infinity, ''),
  fc.integer(),
  fc.string(),
  fc.bigInt(),
  fc.boolean(),
  fc.date(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.uint8Array().map((bytes) => bytes.buffer),
  fc.webUrl().map((text) => new URL(text)),
  fc.webQueryParameters().map((text) => new URLSearchParams(text)),
  fc.string().map((text) => Object.assign(new TypeError(text), { code: text })),
  fc.string().map((text) => new AggregateError([new Late(text), text], text, { cause: text })),
  fc.constantFrom(/a/g, new DOMException('m', 'AbortError')),
);

/** Names of fields, also those that mean something elsewhere. */
export const key: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'toString', '0', '-1', 'then', 'length'),
);

const tied = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.sparseArray(tie('value'), { maxLength: 5, maxNumElements: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    tie('value').map((cause) => new Error('wrapped', { cause })),
    // Objects of few shapes, also one in another of its own shape, as a tree has them.
    fc.record({ value: leaf, left: tie('value'), right: tie('value') }, { noNullPrototype: true }),
    fc.array(fc.record({ id: fc.integer(), next: tie('value') }, { noNullPrototype: true }), { maxLength: 4 }),
  ),
}));

/** Data of any kind, nested in any. */
export const anything: fc.Arbitrary<unknown> = tied.value;

/** Parts of `value` that hold others. */
export function parts(value: unknown, seen = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return seen;
  seen.add(value);
  const inner = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : ownValues(value);
  for (const part of inner) parts(part, seen);
  return seen;
}

const ownValues = (value: object): unknown[] =>
  ArrayBuffer.isView(value) ? [] : [...Object.values(value), (value as Error).cause, (value as AggregateError).errors];

const bytesOf = (memory: object): Uint8Array =>
  ArrayBuffer.isView(memory)
    ? new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength)
    : new Uint8Array(memory as ArrayBuffer);

/** Compares what can be compared only part by part: prototypes, and the order of what is in collections. */
export function expectSame(actual: unknown, expected: unknown, seen = new Map<object, unknown>()): void {
  if (typeof expected !== 'object' || expected === null) return expect(actual).toBe(expected);
  if (seen.has(expected)) return expect(actual).toBe(seen.get(expected));
  seen.set(expected, actual);
  const found = actual as object;
  if (!(expected instanceof Late)) {
    expect(Object.getPrototypeOf(found)).toBe(Object.getPrototypeOf(expected));
  }
  if (expected instanceof Map || expected instanceof Set) {
    expectSame([...(found as Set<unknown>)].flat(1), [...(expected as Set<unknown>)].flat(1), seen);
  } else if (ArrayBuffer.isView(expected) || expected instanceof ArrayBuffer) {
    expect(bytesOf(found)).toEqual(bytesOf(expected));
  } else if (expected instanceof Error) {
    for (const field of ['name', 'message', 'stack', 'cause', 'errors', 'code'] as const) {
      expect(Object.hasOwn(found, field) || field === 'stack').toBe(
        Object.hasOwn(expected, field) || field === 'stack',
      );
      expectSame(
        (found as Record<string, unknown>)[field],
        (expected as unknown as Record<string, unknown>)[field],
        seen,
      );
    }
  } else if (Object.keys(expected).length === 0) {
    expect(inspect(found)).toBe(inspect(expected));
  } else {
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const name of Object.keys(expected)) {
      expectSame((found as Record<string, unknown>)[name], (expected as Record<string, unknown>)[name], seen);
    }
  }
}

/** Data in which parts are held several times and in circles. */
export const tangled: fc.Arbitrary<unknown> = fc.tuple(anything, anything).map(([one, two]) => {
  const holders = [...parts([one, two])].filter(
    (part) => Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype,
  ) as Record<string, unknown>[];
  for (const [index, holder] of holders.entries()) holder['again'] = holders[(index * 7 + 3) % holders.length];
  return { one, two, holders };
});
