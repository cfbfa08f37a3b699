/** A run does what loops over arrays do: random sources, handlers, sinks, errors, aborts and drains. @module */

import * as fc from 'fast-check';
import { flow } from 'offloop/flow';
import { StreamEvent } from 'offloop/streams';
import { expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { recorded } from '../support/source.ts';
import { turns as loopTurns } from '../support/turns.ts';

/** What is thrown where something is made to fail. */
class Poison extends Error {}

interface SinkPlan {
  readonly turns: number;

  /** The result at which it throws, counted over all it gets; none if it is beyond them. */
  readonly failsAt: number;
}

interface HandlerPlan {
  readonly kind: 'return' | 'async' | 'generator' | 'async generator';
  readonly turns: number;
  readonly failsAt: number;
  readonly concurrency: number;
  readonly isPiped: boolean;
  readonly maxSize: number;
  readonly sinks: readonly SinkPlan[];
}

interface SourcePlan {
  readonly items: readonly number[];
  readonly kind: 'sync' | 'async' | 'events';
  readonly turns: number;
  readonly fails: boolean;
  readonly handlers: readonly HandlerPlan[];
}

/** Mostly beyond what there is. */
const failsAt = fc.oneof({ weight: 6, arbitrary: fc.constant(99) }, { weight: 1, arbitrary: fc.nat(6) });
const sinkPlan: fc.Arbitrary<SinkPlan> = fc.record({ turns: fc.nat(2), failsAt });
const handlerPlan: fc.Arbitrary<HandlerPlan> = fc.record({
  kind: fc.constantFrom('return' as const, 'async' as const, 'generator' as const, 'async generator' as const),
  turns: fc.nat(3),
  failsAt,
  concurrency: fc.constantFrom(1, 1, 1, 3),
  isPiped: fc.boolean(),
  maxSize: fc.integer({ min: 1, max: 3 }),
  sinks: fc.array(sinkPlan, { maxLength: 2 }),
});
const sourcePlan: fc.Arbitrary<SourcePlan> = fc.record({
  items: fc.array(fc.nat(9), { maxLength: 8 }),
  kind: fc.constantFrom('sync' as const, 'async' as const, 'events' as const),
  turns: fc.nat(3),
  fails: fc.constantFrom(false, false, false, false, true),
  handlers: fc.array(handlerPlan, { minLength: 1, maxLength: 3 }),
});
const ending = fc.record({ how: fc.constantFrom('none', 'none', 'abort', 'drain'), turns: fc.nat(20) });

/** Gives some turns of the microtask queue to others. */
async function pass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i += 1) await Promise.resolve();
}

/** What the handler makes of an item. */
const results = (kind: HandlerPlan['kind'], n: number): number[] => {
  if (/generator/.test(kind)) return Array.from({ length: n % 3 }, (_, i) => n * 10 + i);
  return n % 4 === 3 ? [] : [n * 10];
};

/** A handler in a run, and what it has seen. */
class Handling {
  readonly plan: HandlerPlan;
  readonly begun: number[] = [];
  readonly taken: number[][];

  constructor(plan: HandlerPlan) {
    this.plan = plan;
    this.taken = plan.sinks.map(() => []);
  }

  readonly handler = (n: number): unknown => {
    const { kind, turns, failsAt: at } = this.plan;
    this.begun.push(n);
    const fails = this.begun.length > at;
    const made = results(kind, n);
    const check = (): void => {
      if (fails) throw new Poison('handler');
    };
    switch (kind) {
      case 'return':
        check();
        return made[0];
      case 'async':
        return (async () => {
          await pass(turns);
          check();
          return made[0];
        })();
      case 'generator':
        return (function* () {
          yield* made;
          check();
        })();
      default:
        return (async function* () {
          for (const value of made) {
            await pass(turns);
            yield value;
          }
          check();
        })();
    }
  };

  readonly sinks = (): ((value: number) => unknown)[] =>
    this.plan.sinks.map(({ turns, failsAt: at }, i) => (value) => {
      const taken = this.taken[i] as number[];
      if (taken.length >= at) throw new Poison('sink');
      taken.push(value);
      return turns > 0 ? pass(turns) : undefined;
    });
}

test(
  'any flow gives what loops give, closes each source once, and settles each event once',
  { timeout: 120_000 },
  async () => {
    const plans = fc.array(sourcePlan, { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(plans, ending, async (sources, { how, turns }) => {
      const { handle, run, drain } = flow();
      const outcomes: string[][] = [];
      const running = sources.map((plan, number) => {
        const settled: string[] = [];
        outcomes.push(settled);
        const items = plan.items.map((n, i) =>
          plan.kind === 'events'
            ? (new StreamEvent(n, {
                settle: (outcome) => void (settled[i] = `${settled[i] ?? ''}${outcome}`),
              }) as never)
            : n,
        );
        const options = plan.fails ? { error: new Poison(`source ${number}`) } : {};
        const record = recorded(items, { ...options, wait: () => pass(plan.turns) });
        const source = plan.kind === 'sync' && !plan.fails ? items : record;
        const handlings = plan.handlers.map((it) => new Handling(it));
        for (const { plan: own, handler, sinks } of handlings) {
          const { concurrency, isPiped, maxSize } = own;
          const pipe = isPiped ? { pipe: [(all: AsyncIterable<number>) => all] } : {};
          handle(source as AsyncIterable<number>, {
            sinks: sinks(),
            concurrency,
            maxSize,
            ...(pipe as { pipe?: undefined }),
          })(handler);
        }
        return { plan, record, handlings, isRecorded: source === record };
      });
      const controller = new AbortController();
      const aborted = new Error('aborted');
      const done = run({ signal: controller.signal, signals: [], closeTimeout: 5000 }).then(
        () => undefined,
        (error: unknown) => error,
      );
      await pass(turns);
      if (how === 'abort') controller.abort(aborted);
      if (how === 'drain') drain();
      const error = await done;
      // What was on its way when its source was closed is handed back a little later.
      await loopTurns(3);

      const canFail = sources.some(
        ({ fails, handlers }) =>
          fails || handlers.some((it) => it.failsAt < 99 || it.sinks.some((sink) => sink.failsAt < 99)),
      );
      if (error !== undefined)
        expect(error === aborted ? how === 'abort' : canFail && error instanceof Poison).toBe(true);
      for (const [number, { plan, record, handlings, isRecorded }] of running.entries()) {
        // One that was asked for an item when it was closed may end by itself afterwards.
        if (isRecorded) expect(record.closed + record.ended).toBeGreaterThanOrEqual(record.opened);
        expect(record.closed).toBeLessThanOrEqual(1);
        expect(record.opened).toBeLessThanOrEqual(1);
        const given = isRecorded ? record.given : plan.items.length;
        for (const { plan: own, begun, taken } of handlings) {
          expect(begun).toEqual(plan.items.slice(0, begun.length));
          const made = begun.flatMap((n) => results(own.kind, n));
          // A sink has taken what was made, in order; after an error perhaps not all of it.
          for (const values of taken) expect(values).toEqual(made.slice(0, values.length));
          if (error !== undefined) continue;
          for (const values of taken) expect(values).toEqual(made);
          if (how === 'none' || !isRecorded) {
            if (how === 'none') expect(begun).toEqual(plan.items);
            continue;
          }
          // One that had been asked for, and comes after the end, is not handled.
          expect(begun.length).toBeGreaterThanOrEqual(given - 1);
          expect(begun.length).toBe(handlings[0]?.begun.length);
        }
        if (plan.kind !== 'events') continue;
        const least = Math.min(...handlings.map(({ begun }) => begun.length));
        const settled = outcomes[number] as string[];
        for (let i = 0; i < given; i += 1) {
          expect(settled[i]).toMatch(/^(?:ack|nack)$/);
          if (settled[i] === 'ack') expect(i).toBeLessThan(least);
          else if (error === undefined) expect(i).toBeGreaterThanOrEqual(least);
        }
        expect(settled.length).toBeLessThanOrEqual(given);
      }
    });
    await fc.assert(property, { numRuns: isFull ? 3000 : 200 });
  },
);
