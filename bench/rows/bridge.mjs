/** Rows in which a thread blocks for answers of main. @module */

import { notEqual } from 'node:assert/strict';
import { threadId } from 'node:worker_threads';
import { measure } from '../measure.mjs';
import { own } from '../contestants.mjs';

const bare = 'postMessage and Atomics.wait';

/**
 * synckit with its defaults: "Options" and "Envs" of its `README.md` name nothing that makes answers faster.
 */
const contestants = [
  { name: bare, peer: 'bridge-bare' },
  { name: 'synckit', peer: 'bridge-synckit', needs: 'synckit', note: 'the other way round: main blocks for a thread' },
  { name: own, peer: 'bridge-offloop' },
];

/** For the rows about the first of these calls. */
export const waiting = { bare, contestants };

export const bridge = [
  {
    name: 'blocking call to main',
    unit: 'µs',
    cpuUnit: 'CPU µs a trip',
    warmUps: 4,
    rounds: 9,
    size: 2500,
    quickSize: 500,
    contestants,
    says: (trips) => `a function in a thread blocks for the answers of main, ${trips} of them, per trip there and back`,
    targets: [
      { against: bare, most: 0.15 },
      { against: 'best peer', most: 1 },
    ],
    async round(peer, trips, { leadIn }) {
      const start = performance.now();
      do await peer.trips(trips);
      while (performance.now() - start < leadIn);

      const { value, cpu } = await measure(() => peer.trips(trips));
      notEqual(value.threadId, threadId, 'No other thread took part');
      return { figure: (value.time * 1000) / trips, cpu: (cpu * 1000) / trips, answers: trips };
    },
  },
];
