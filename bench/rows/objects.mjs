/** Rows about calls of an object that lives in a thread. @module */

import { equal } from 'node:assert/strict';
import { own } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const proxied = 'comlink, proxied class';

const contestants = [
  { name: proxied, peer: 'object-comlink', needs: 'comlink' },
  { name: own, peer: 'object' },
];

const targets = [{ against: proxied, most: 0.5 }];

const row = (name, run, rest) => ({
  name,
  unit: 'µs',
  contestants,
  targets,
  ...rest,
  async round(peer, calls, { leadIn }) {
    await lead(leadIn, calls, (count) => run(peer, count));
    const before = await peer.add(0);
    const { value, time, cpu } = await measure(() => run(peer, calls));
    value.forEach((answer, i) => equal(answer, before + i + 1));
    return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
  },
});

async function inSeries(peer, calls) {
  const answers = [];
  for (let i = 0; i < calls; i += 1) answers.push(await peer.add(1));
  return answers;
}

function atOnce(peer, calls) {
  return Promise.all(Array.from({ length: calls }, () => peer.add(1)));
}

export const objects = [
  row('object call in series', inSeries, {
    warmUps: 3,
    rounds: 9,
    size: 2500,
    quickSize: 500,
    says: (calls) => `${calls} calls of a method, each awaited before the next`,
  }),
  row('object calls at once', atOnce, {
    warmUps: 3,
    rounds: 5,
    size: 20_000,
    quickSize: 2000,
    says: (calls) => `${calls} calls of a method issued in one turn, per call`,
  }),
];

export const coldObjects = [
  {
    name: 'first calls of an object',
    unit: 'µs',
    warmUps: 1,
    rounds: 9,
    size: 100,
    quickSize: 100,
    contestants,
    targets,
    says: (calls) => `the first ${calls} calls of an object that has just been constructed, in series, per call`,
    async fresh(open, calls) {
      const peer = await open({ threads: 1 });
      const begin = performance.now();
      let last = 0;
      for (let i = 0; i < calls; i += 1) last = await peer.add(1);
      const figure = ((performance.now() - begin) * 1000) / calls;
      equal(last, calls);
      return { figure, answers: calls };
    },
  },
];
