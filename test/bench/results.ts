/** Results as a run would have found them. @module */

const spread = (middle: number): object => ({ low: middle * 0.9, middle, high: middle * 1.1 });

function contestant(name: string, middle: number | undefined, more: object = {}): object {
  const figure = middle === undefined ? undefined : spread(middle);
  return { name, isBaseline: false, answers: 12, used: 2, figure, figures: [middle], cpu: figure, ...more };
}

/** A row; `offloop` is how long it takes, where the best peer takes 40. */
export function row(offloop: number, more: object = {}): object {
  return {
    name: 'small call',
    unit: 'µs',
    cpuUnit: 'CPU µs a call',
    says: 'calls, one after the other',
    size: 12,
    rounds: 3,
    others: 0.25,
    contestants: [
      contestant('on main', 1, { isBaseline: true }),
      contestant('bare worker_threads', 40),
      contestant('piscina <&>', 60),
      contestant('broken', undefined, { failure: 'Answer 3 is wrong' }),
      contestant('offloop', offloop),
    ],
    standing: undefined,
    verdicts: [{ what: 'median ÷ best peer', measured: offloop / 40, limit: 'at most 0.3', met: offloop <= 12 }],
    ...more,
  };
}

/** A run with one group for each of `groups`, by its title. */
export function results(groups: Readonly<Record<string, readonly object[]>>, node = 'v20.20.2'): object {
  return {
    machine: {
      processor: 'Imaginary',
      cores: 2,
      memory: 2 ** 33,
      system: 'Linux 6',
      node,
      threads: 2,
      offloop: '0.1.0',
      packages: { piscina: '5.3.2', tinypool: undefined },
    },
    date: '2026-01-01T00:00:00.000Z',
    quick: false,
    groups: Object.entries(groups).map(([title, rows]) => ({ title, rows })),
  };
}
