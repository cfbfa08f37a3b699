/** A source, a handler and a sink: as a flow of offloop, or as the loops that one would write by hand. @module */

import { ThreadPool } from 'offloop';
import { flow } from 'offloop/flow';
import { primes } from './offloop-jobs.mjs';
import { countPrimes } from '../work.mjs';

async function* counted(length) {
  for (let n = 0; n < length; n += 1) yield n;
}

const increment = (n) => n + 1;

/** How many calls are under way at once, for each thread. */
const callsAThread = 4;

/** Gives what passes the items of a source through `handlers` to a sink for each. */
const ways = {
  flow: (options) => async (source, handlers) => {
    const { handle, run } = flow();
    for (const [handler, sink] of handlers) handle(source, { sinks: [sink], ...options })(handler);
    await run({ signals: [] });
  },
  loops: () => async (source, handlers) => {
    for await (const item of source) {
      for (const [handler, sink] of handlers) await sink(await handler(item));
    }
  },
  calls:
    ({ concurrency }) =>
    async (source, [[handler, sink]]) => {
      const items = source.values();
      const work = async () => {
        for (const item of items) sink(await handler(item));
      };
      await Promise.all(Array.from({ length: concurrency }, work));
    },
};

export function open({ way, threads, isHeavy }) {
  const pool = isHeavy && way !== 'loops' ? new ThreadPool({ size: threads }) : undefined;
  const pass = ways[way](pool ? { concurrency: callsAThread * threads } : {});
  const heavy = pool ? primes.with({ pool }) : (limit) => countPrimes(limit);

  return {
    runsOnMain: true,

    /** Passes `count` numbers to `many` handlers and their sinks, which may be async; gives the sum of what arrives. */
    async sum(count, { isAsync, many }) {
      let sum = 0;
      const sink = isAsync ? async (n) => void (sum += n) : (n) => void (sum += n);
      await pass(
        counted(count),
        Array.from({ length: many }, () => [increment, sink]),
      );
      return sum;
    },

    /** Passes `limits` to a handler that takes a processor; gives how many results were `expected`. */
    async crunch(limits, expected) {
      let right = 0;
      await pass(limits, [[heavy, (found) => void (right += found === expected ? 1 : 0)]]);
      return right;
    },
    close: () => pool?.close(),
  };
}
