/** Messages that a network repeats and mixes up are given once, and in their order. @module */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sequenced } from '../../src/wire/sequenced.ts';
import { PairedEnd } from '../support/transport-pair.ts';

function ends(): { from: Sequenced; to: Sequenced; line: PairedEnd; given: unknown[] } {
  const [line, other] = [new PairedEnd(), new PairedEnd()];
  line.other = other;
  other.other = line;
  const given: unknown[] = [];
  const to = new Sequenced(other);
  to.listen({ receive: ([value]) => given.push(value), unreadable: (error) => given.push(error) });
  return { from: new Sequenced(line), to, line, given };
}

describe('a sequenced transport', () => {
  test('gives each message once and in order, however they arrive', () => {
    const arrivals = fc.integer({ min: 1, max: 40 }).chain((count) => {
      const numbers = Array.from({ length: count }, (_, i) => i);
      const repeated = fc.array(fc.nat({ max: count - 1 }), { maxLength: 40 });
      return repeated.chain((more) =>
        fc
          .shuffledSubarray([...numbers, ...more], { minLength: count + more.length })
          .map((order) => ({ count, order })),
      );
    });

    fc.assert(
      fc.property(arrivals, ({ count, order }) => {
        const { from, to, line, given } = ends();
        for (let i = 0; i < count; i += 1) from.post([i], []);
        const messages = line.underWay.splice(0);
        for (const number of order) line.other.arrive([messages[number] as unknown[]]);

        expect(given).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(to.early).toBe(0);
      }),
    );
  });

  test('holds back what follows a message that is missing', () => {
    const { from, to, line, given } = ends();
    for (const value of ['a', 'b', 'c']) from.post([value], []);
    const [a, b, c] = line.underWay.splice(0) as [unknown[], unknown[], unknown[]];
    line.other.arrive([a, c]);

    expect([given, to.early]).toEqual([['a'], 1]);
    line.other.arrive([b]);
    expect([given, to.early]).toEqual([['a', 'b', 'c'], 0]);
  });

  test('numbers only what was posted', () => {
    const { from, line, given } = ends();
    expect(() => from.post([() => 1], [])).toThrow();
    from.post(['after'], []);
    line.deliver();

    expect(given).toEqual(['after']);
  });

  test('says of take() whether something was given, holds, releases and closes what is beneath', () => {
    const [inner, other] = [new PairedEnd(), new PairedEnd()];
    inner.other = other;
    other.other = inner;
    const [near, far] = [new Sequenced(inner), new Sequenced(other)];
    const given: unknown[] = [];
    const listener = { receive: (message: unknown[]) => given.push(...message), unreadable: () => undefined };
    far.post([1], []);
    far.post([2], []);
    const [first, second] = other.underWay.splice(0) as [unknown[], unknown[]];
    inner.arrive([second]);
    expect([near.take(listener), given]).toEqual([false, []]);
    inner.arrive([first]);
    expect([near.take(listener), given]).toEqual([true, [1, 2]]);

    near.hold();
    expect(inner.isHeld).toBe(true);
    near.release();
    expect(inner.isHeld).toBe(false);
    near.close();
    expect(inner.isClosed).toBe(true);
  });
});
