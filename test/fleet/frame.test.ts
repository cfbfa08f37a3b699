/** Frames become bytes and frames again; bytes that are no frame are refused. @module */

import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, Op } from '../../src/fleet/values/frame.ts';
import { randomFrom } from '../support/random.ts';

const body = new TextEncoder().encode('the body');

describe('a frame', () => {
  test.each([
    ['no facts', []],
    ['numbers', [1, -0.5, Infinity]],
    ['a number that is none', [Number.NaN]],
    ['more numbers', [1, 2, 3, 4]],
    ['facts of other kinds', ['text', undefined, null, true, body, 12n]],
    ['numbers and others', [1, false]],
  ])('with %s is the same after its way', (_, facts) => {
    const call = 2 ** 40 + 1;

    for (const given of [undefined, body]) {
      const { body: read, ...rest } = decodeFrame(encodeFrame(Op.items, call, facts, given));
      expect(rest).toEqual({ op: Op.items, call, facts });
      expect([...read]).toEqual([...(given ?? [])]);
    }
  });

  test('that is cut, or whose bytes were changed, is read as another one or refused, and nothing else', () => {
    const draw = randomFrom(20);
    const whole = [encodeFrame(Op.ask, 1, [0, 5]), encodeFrame(Op.call, 1, ['caller', { a: [1] }, body], body)];
    for (const bytes of whole)
      for (let i = 0; i < 500; i += 1) {
        const changed = Uint8Array.from(bytes.subarray(0, 1 + draw(bytes.length)));
        changed[draw(changed.length)] = draw(256);
        try {
          expect(Array.isArray(decodeFrame(changed).facts)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_OFFLOOP_BYTES' });
        }
      }
  });
});
