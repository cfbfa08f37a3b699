/** A thread that dies, at each step of a chain: every source is closed, every promise settles, and no event is lost. @module */

import { ThreadPool } from 'offloop';
import { agent, channel, StreamEvent, stream } from 'offloop/streams';
import type { Stream } from 'offloop/streams';
import { afterAll, describe, expect, test } from 'vitest';
import { crunch, doomed, doomedSpread, tenfold } from '../fixtures/jobs/streamed.mjs';
import { untilThrown } from '../support/items.ts';
import { recorded } from '../support/source.ts';

const pool = new ThreadPool({ size: 2 });
afterAll(async () => pool.close());

/** More than are handed in, so that the source does not end by itself. */
const count = 4000;
const deadly = 17;

type Of = Stream<number, number>;

/** Each has one stage whose thread dies at the number {@link deadly}, among others that work. */
const steps: [string, (of: Of) => AsyncIterable<unknown>][] = [
  ['map', (of) => of.map(doomed.with({ pool })).map(tenfold.with({ pool }))],
  ['map after another', (of) => of.map(plain).map(doomed.with({ pool }))],
  ['map, results as they come', (of) => of.map(doomed.with({ pool }), { concurrency: 4, ordered: false })],
  ['filter', (of) => of.filter(doomed.with({ pool })).map(tenfold.with({ pool }))],
  ['tap', (of) => of.map(plain).tap(doomed.with({ pool })).batch(3)],
  ['flatMap', (of) => of.flatMap(doomedSpread.with({ pool })).map(plain)],
  ['scan', (of) => of.scan((_, n) => doomed.with({ pool })(n))],
  ['the key of groupBy', (of) => of.groupBy(doomed.with({ pool })).map(plain)],
  ['map of a grouped stream', (of) => of.groupBy((n) => n % 3).map(doomed.with({ pool }))],
  ['map after a batch', (of) => of.batch(2).map(async (them) => Promise.all(them.map(doomed.with({ pool }))))],
  ['a sink', (of) => of.map(plain).echo(doomed.with({ pool }))],
];
const plain = (n: number): number => n;

/** What became of each event. */
function settled(): { events: StreamEvent<number, number>[]; outcomes: string[][] } {
  const outcomes: string[][] = Array.from({ length: count }, () => []);
  const events = outcomes.map(
    (list, n) => new StreamEvent<number, number>(n, { key: n, settle: (it) => list.push(it) }),
  );
  return { events, outcomes };
}

describe('a thread that dies in', () => {
  test.each(steps)('%s ends the stream: its source is closed, each event is settled once', async (_, chain) => {
    const { events, outcomes } = settled();
    const source = recorded(events);

    const { thrown } = await untilThrown(chain(stream(source)));

    expect(thrown).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    expect([source.opened, source.closed]).toEqual([1, 1]);
    // The events that the source gave have one outcome each, and the one at which the thread died was not dealt with.
    expect(outcomes.slice(0, source.given).every(({ length }) => length === 1)).toBe(true);
    expect(outcomes.slice(source.given).flat()).toEqual([]);
    expect(outcomes[deadly]).toEqual(['nack']);
  });

  test('an agent rejects done, and whoever has asked', async () => {
    const { events, outcomes } = settled();
    const source = recorded(events);
    const doing = agent(source, doomed.with({ pool }), { concurrency: 1 });
    const asked = doing.ask(deadly);
    asked.catch(() => undefined);

    await expect(doing.done).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    expect((await Promise.allSettled([asked]))[0]?.status).toBe('rejected');
    expect(outcomes.slice(0, source.given).every(({ length }) => length === 1)).toBe(true);
    expect(source.closed).toBe(1);
  });
});

test('an event that eight threads acknowledge is acknowledged once', async () => {
  await using own = new ThreadPool({ size: 8 });
  const numbers = channel<number>({ maxSize: 16 });
  const sums = Array.from({ length: 8 }, () => 0);
  const agents = sums.map((_, i) =>
    agent(numbers, crunch.with({ pool: own }), { sinks: [(n: number) => void ((sums[i] as number) += n)] }),
  );
  const outcomes: string[][] = Array.from({ length: 300 }, () => []);
  for (const [n, list] of outcomes.entries()) await numbers.send(n, { settle: (it) => list.push(it) });
  numbers.end();
  await Promise.all(agents.map(async ({ done }) => done));

  expect(sums).toEqual(sums.map(() => 100 * ((299 * 300) / 2)));
  expect(outcomes).toEqual(outcomes.map(() => ['ack']));
});
