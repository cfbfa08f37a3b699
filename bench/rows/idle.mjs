/** A row about the cost of an idle pool. @module */

import { setTimeout } from 'node:timers/promises';
import { asTheyCome, bare } from '../contestants.mjs';
import { measure } from '../measure.mjs';
import { saturate } from './loop.mjs';

export const idle = [
  {
    name: 'idle CPU',
    unit: 'ms a second',
    rounds: 3,
    size: 1000,
    quickSize: 100,
    says: (time) => `processor time of the process in the ${time} ms after the threads had work, per second`,
    contestants: asTheyCome,
    baseline: 'idle Workers',
    targets: [{ against: bare, equal: true }],
    async round(peer, time) {
      const work = peer.job && (await saturate(peer, { time: 20, depth: 8 }));
      const { cpu, time: idled } = await measure(() => setTimeout(time));
      return { figure: (cpu * 1000) / idled, answers: work?.jobs, used: work?.used };
    },
  },
];
