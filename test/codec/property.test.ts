/** Property test: plain data arrives as it was, however it is nested. @module */

import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { look, LARGE, SPECIAL } from '../../src/codec/quick/look.ts';
import { tries } from '../support/full.ts';
import { anything, expectSame, key, leaf, parts, tangled } from './any-data.ts';
import { sent, sentByLook } from './round-trip.ts';

test('the walk loses nothing of any data', () => {
  fc.assert(
    fc.property(anything, (value) => {
      expectSame(sent(value), value);
    }),
    { numRuns: tries(1_500) },
  );
});

test('the walk keeps identity and cycles in any data', () => {
  fc.assert(
    fc.property(tangled, (value) => {
      expectSame(sent(value), value);
    }),
    { numRuns: tries(500) },
  );
});

test('the way that the look chooses loses nothing of what is within its bound', () => {
  const small = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 6 }),
    fc.dictionary(key, fc.array(leaf, { maxLength: 2 }), { maxKeys: 6, noNullPrototype: true }),
  );
  fc.assert(
    fc.property(small, (value) => {
      expectSame(sentByLook(value), value);
    }),
    { numRuns: tries(1_500) },
  );
});

test('the look never gives a part of what it was given', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 4 }), (values) => {
      const seen = look(values);
      if (seen === LARGE || seen === SPECIAL) return;
      const originals = parts(values);

      if (seen !== values) for (const part of parts(seen)) expect(originals.has(part)).toBe(false);
      // Not toStrictEqual: it takes an own key named `constructor` for the class.
      expect(isDeepStrictEqual(seen, [...values])).toBe(true);
    }),
    { numRuns: tries(1_500) },
  );
});
