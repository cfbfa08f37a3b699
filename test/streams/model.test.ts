/** Chains of operators do what the same steps do over arrays: random chains, sources, delays, errors and ways to leave. @module */

import * as fc from 'fast-check';
import { stream } from 'offloop/streams';
import type { Stream } from 'offloop/streams';
import { expect, test } from 'vitest';
import { recorded } from '../support/source.ts';

/** What a model gives: items, then an error or the end. */
interface Outcome {
  readonly items: unknown[];
  readonly error: unknown;
}

type Any = Stream<unknown>;

/** An operator, and what it makes of an outcome. */
interface Operator {
  apply(of: Any): Any;
  model(of: Outcome): Outcome;
}

/** What is thrown for an item that is made to fail. */
class Poison extends Error {}

const delay = fc.nat(2);

/** Gives `value` after some turns of the microtask queue, or at once. */
function after<T>(turns: number, value: T): T | Promise<T> {
  if (turns === 0) return value;
  return (async () => {
    for (let i = 0; i < turns; i += 1) await Promise.resolve();
    return value;
  })();
}

/** Calls `fn` for each item until it throws. */
function each({ items, error }: Outcome, fn: (item: unknown, index: number) => unknown[]): Outcome {
  const out: unknown[] = [];
  try {
    for (const [index, item] of items.entries()) out.push(...fn(item, index));
  } catch (thrown) {
    return { items: out, error: thrown };
  }
  return { items: out, error };
}

const hash = (item: unknown): number =>
  Buffer.from(JSON.stringify(item)).reduce((sum, byte) => (sum * 31 + byte) % 1009, 7);
const perhapsFails = (item: unknown, poison: number): void => {
  if (poison > 0 && hash(item) % poison === 1) throw new Poison(JSON.stringify(item));
};

const operators: fc.Arbitrary<Operator> = fc.oneof(
  fc
    .record({ turns: delay, poison: fc.constantFrom(0, 0, 5), concurrency: fc.integer({ min: 1, max: 4 }) })
    .map((plan) => {
      const { turns, poison, concurrency } = plan;
      const fn = (item: unknown): unknown => (perhapsFails(item, poison), [item]);
      return {
        apply: (of) => of.map((item) => after(turns, item), { concurrency }).map(fn),
        model: (of) => each(of, (item) => [fn(item)]),
      } satisfies Operator;
    }),
  fc.record({ turns: delay, concurrency: fc.integer({ min: 1, max: 4 }) }).map(({ turns, concurrency }) => {
    const keeps = (item: unknown): boolean => hash(item) % 3 !== 0;
    return {
      apply: (of) => of.filter((item) => after(turns, keeps(item)), { concurrency }),
      model: (of) => each(of, (item) => (keeps(item) ? [item] : [])),
    } satisfies Operator;
  }),
  fc.record({ turns: delay, times: fc.nat(3), isAsync: fc.boolean() }).map(({ turns, times, isAsync }) => {
    const copies = (item: unknown): unknown[] => Array.from({ length: times }, () => item);
    return {
      apply: (of) => of.flatMap((item) => after(turns, isAsync ? recorded(copies(item)) : copies(item))),
      model: (of) => each(of, copies),
    } satisfies Operator;
  }),
  fc.nat(6).map((n): Operator => ({
    apply: (of) => of.take(n),
    model: ({ items, error }) => ({ items: items.slice(0, n), error: items.length < n ? error : undefined }),
  })),
  fc.nat(3).map((n): Operator => ({ apply: (of) => of.drop(n), model: (of) => ({ ...of, items: of.items.slice(n) }) })),
  fc.integer({ min: 1, max: 3 }).map((n): Operator => ({
    apply: (of) => of.batch(n),
    model({ items, error }) {
      const batches = [];
      for (let i = 0; i < items.length; i += n) batches.push(items.slice(i, i + n));
      return { items: batches, error };
    },
  })),
  delay.map((turns): Operator => ({
    apply: (of) => of.scan<[number, unknown]>(([count], item) => after(turns, [count + 1, item]), [0, undefined]),
    model: (of) => each(of, (item, index) => [[index + 1, item]]),
  })),
  fc.record({ turns: delay, poison: fc.constantFrom(0, 0, 7) }).map(({ turns, poison }) => {
    const look = (item: unknown): unknown => (perhapsFails(item, poison), after(turns, undefined));
    return {
      apply: (of) => of.tap(look),
      model: (of) => each(of, (item) => (perhapsFails(item, poison), [item])),
    } satisfies Operator;
  }),
  fc.constant<Operator>({
    apply: (of) => of.combine(stream<unknown>([])),
    model: (of) => of,
  }),
  fc.constant<Operator>({
    apply: (of) => of.enumerate(3),
    model: (of) => each(of, (item, index) => [[index + 3, item]]),
  }),
);

test('any chain of operators gives what arrays give, and closes its source once', { timeout: 60_000 }, async () => {
  const source = fc.record({
    items: fc.array(fc.nat(50), { maxLength: 12 }),
    turns: delay,
    error: fc.constantFrom(undefined, undefined, 'source'),
  });
  const leaving = fc.record({ most: fc.nat(20), isAborted: fc.boolean() });
  const aborted = new Error('aborted');
  await fc.assert(
    fc.asyncProperty(
      source,
      fc.array(operators, { maxLength: 6 }),
      leaving,
      async (given, chain, { most, isAborted }) => {
        const { items, turns, error } = given;
        const controller = new AbortController();
        const { signal } = controller;
        const from = recorded(items, { wait: () => after(turns, undefined), ...(error ? { error } : {}) });
        const it = chain.reduce<Any>((of, { apply }) => apply(of), stream<unknown>(from, { signal }));
        const model = chain.reduce<Outcome>((of, operator) => operator.model(of), { items, error });

        const list: unknown[] = [];
        let thrown: unknown;
        let isLeft = false;
        try {
          for (;;) {
            if (list.length === most) {
              isLeft = true;
              if (isAborted) controller.abort(aborted);
              if (isAborted) await expect(it.next()).rejects.toBe(aborted);
              await it.return();
              break;
            }
            const step = await it.next();
            if (step.done) break;
            list.push(step.value);
          }
        } catch (reason) {
          thrown = reason;
        }
        expect(list).toEqual(model.items.slice(0, most));
        if (!isLeft) expect(thrown).toEqual(model.error);
        expect(await it.next()).toEqual({ value: undefined, done: true });
        expect(from.opened).toBeLessThanOrEqual(1);
        expect(from.closed).toBeLessThanOrEqual(from.opened);
        expect(from.closed + from.ended).toBeGreaterThanOrEqual(from.opened);
      },
    ),
    { numRuns: 600 },
  );
});
