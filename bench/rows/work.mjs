/** Rows with realistic jobs, over real files, in the pool and on main. @module */

import { deepStrictEqual } from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { asTheyCome, onMain } from '../contestants.mjs';
import { measure } from '../measure.mjs';
import { countNodes, digestPart, programFile } from '../work.mjs';

const MiB = 1024 ** 2;

/** The kinds of jobs: the arguments and the right answer of each. */
const digest = {
  job: 'digest',
  issue: (call, i) => call(process.execPath, i * MiB, MiB),
  answer: (i) => digestPart(process.execPath, i * MiB, MiB),
};

const nodes = {
  job: 'nodes',
  issue: (call) => call(programFile()),
  answer: () => countNodes(programFile()),
};

const row = (name, kind, rest) => ({
  name,
  unit: 'ms',
  sideUnit: 'loop p99, ms',
  cpuUnit: 'CPU ms',
  warmUps: 1,
  rounds: 5,
  contestants: asTheyCome,
  baseline: onMain,
  targets: [
    { against: onMain, most: 0.6 },
    { against: 'best peer', equal: true },
  ],
  ...rest,
  async round(peer, jobs) {
    const call = peer.job(kind.job);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const { value, time, cpu } = await measure(async () => {
      const answers = await Promise.all(Array.from({ length: jobs }, (_, i) => kind.issue(call, i)));
      // Work on main blocks the monitor of the loop's delay too, which sees the delay only afterwards.
      await new Promise((resolve) => setImmediate(resolve));
      return answers;
    });
    delay.disable();
    value.forEach((answer, i) => deepStrictEqual(answer, expected(kind, i)));
    return { figure: time, cpu, side: delay.max > 0 ? delay.percentile(99) / 1e6 : 0, answers: jobs };
  },
});

const known = new Map();

/** The right answers, from doing the work once for each job on main. */
function expected(kind, i) {
  const key = `${kind.job} ${i}`;
  if (!known.has(key)) known.set(key, kind.answer(i));
  return known.get(key);
}

export const work = [
  row('hash and compress', digest, {
    size: 16,
    quickSize: 4,
    says: (jobs) =>
      `${jobs} parts of 1 MiB of Node.js itself, each read, hashed with SHA-256 and deflated; beside it the delay of main's loop`,
  }),
  row('parse', nodes, {
    size: 16,
    quickSize: 4,
    says: (jobs) => `the source of acorn, read and parsed by acorn ${jobs} times; beside it the delay of main's loop`,
  }),
];
