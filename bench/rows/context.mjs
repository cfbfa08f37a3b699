/** Rows about the cost of three context variables in a call. @module */

import { equal } from 'node:assert/strict';
import { own } from '../contestants.mjs';
import { measure } from '../measure.mjs';

const plain = 'the same without context';
const within = 'the same inside AsyncLocalStorage.run';

/**
 * The same package three times, so that only the context differs. Up to Node.js 22 each promise costs more as soon as
 * any `AsyncLocalStorage` is in use; the second contestant shows how much of the difference that is.
 */
const contestants = [
  { name: plain, peer: 'context' },
  { name: within, peer: 'context', store: true },
  { name: own, peer: 'context', isSet: true },
];

const row = (name, run, rest) => ({
  name,
  unit: 'µs',
  warmUps: 4,
  rounds: 9,
  contestants,
  targets: [{ against: plain, most: 1.1 }],
  ...rest,
  async round(peer, calls, { leadIn }) {
    const work = () => peer.within(() => run(peer.call, calls));
    const start = performance.now();
    do await work();
    while (performance.now() - start < leadIn);

    const { value, time, cpu } = await measure(work);
    value.forEach((answer, i) => equal(answer, i + 1));
    return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
  },
});

async function inSeries(call, calls) {
  const answers = [];
  for (let i = 0; i < calls; i += 1) answers.push(await call(i, 1));
  return answers;
}

function atOnce(call, calls) {
  return Promise.all(Array.from({ length: calls }, (_, i) => call(i, 1)));
}

export const context = [
  row('context of three variables, in series', inSeries, {
    size: 2500,
    quickSize: 500,
    says: (calls) => `${calls} calls, each awaited before the next, with three variables set, which the function reads`,
  }),
  row('context of three variables, at once', atOnce, {
    size: 20_000,
    quickSize: 2000,
    says: (calls) => `${calls} calls issued in one turn with three variables set, which the function reads, per call`,
  }),
];
