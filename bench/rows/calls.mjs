/** Small calls: one after the other, and many issued in one turn. @module */

import { deepStrictEqual } from 'node:assert/strict';
import { lead, measure } from '../measure.mjs';
import { bare, oneByOne, piscina } from '../contestants.mjs';

const cpuTarget = { figure: 'cpu', against: bare, most: 2 };
const burstTargets = [{ against: piscina, most: 0.05 }, { against: 'best library', most: 0.15 }, cpuTarget];
const seriesTargets = [{ against: 'best peer', most: 0.3 }, cpuTarget];

const number = {
  job: 'add',
  issue: (call, i) => call(i, 1),
  answer: (i) => i + 1,
};

const record = {
  job: 'next',
  issue: (call, i) => call({ id: i, name: `item ${i}`, tags: ['red', 'round', 'new'], point: { x: i, y: 0.5 } }),
  answer: (i) => ({ id: i + 1, name: `item ${i}`, tags: ['red', 'round', 'new'], point: { x: 0.5, y: i } }),
};

/** A row whose `run` gives all answers of `calls` calls, in order. */
const row = (name, kind, run, rest) => ({
  name,
  unit: 'µs',
  ...rest,
  async round(peer, calls, { leadIn }) {
    const call = peer.job(kind.job);
    const work = (count) => run((i) => kind.issue(call, i), count);
    await lead(leadIn, calls, work);
    const { value, time, cpu } = await measure(() => work(calls));
    value.forEach((answer, i) => deepStrictEqual(answer, kind.answer(i)));
    return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
  },
});

async function inSeries(call, calls) {
  const answers = [];
  for (let i = 0; i < calls; i += 1) answers.push(await call(i));
  return answers;
}

function atOnce(call, calls) {
  return Promise.all(Array.from({ length: calls }, (_, i) => call(i)));
}

const series = {
  contestants: oneByOne,
  warmUps: 3,
  rounds: 9,
  size: 2500,
  quickSize: 500,
  says: (calls) => `${calls} calls, each awaited before the next`,
};
const burst = {
  warmUps: 3,
  rounds: 5,
  size: 20_000,
  quickSize: 2000,
  says: (calls) => `${calls} calls issued in one turn, per call`,
};

export const calls = [
  row('small call in series', number, inSeries, { ...series, targets: seriesTargets }),
  row('small calls at once', number, atOnce, {
    ...burst,
    targets: [...burstTargets.slice(0, 2), { most: 1.5, below: true }, cpuTarget],
  }),
  row('small object in series', record, inSeries, { ...series, targets: seriesTargets }),
  row('small objects at once', record, atOnce, { ...burst, targets: burstTargets }),
];
