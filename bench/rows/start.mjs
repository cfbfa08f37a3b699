/** Rows about start-up: the first result of a process, and a dedicated thread for a call. @module */

import { equal } from 'node:assert/strict';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { asTheyCome, byFile, importing, inModule, isolating } from '../contestants.mjs';
import { quartiles } from '../statistics.mjs';

/** The pause between calls, in which a spare thread can get ready, in milliseconds. */
const pause = 150;

const firstResult = {
  name: 'first result',
  unit: 'ms',
  warmUps: 1,
  rounds: 7,
  size: 1,
  quickSize: 1,
  contestants: asTheyCome,
  baseline: importing,
  says: () =>
    'from the import to the answer of the first call, over one thread, in a process of its own each; the work is in a module that is not the entry',
  targets: [
    { against: importing, most: 1.2 },
    { against: 'best library', most: 1 },
  ],
  async fresh(open) {
    const begin = performance.now();
    const peer = await open({ threads: 1 });
    const answer = await peer.job('add')(1, 2);
    const figure = performance.now() - begin;
    equal(answer, 3);
    return { figure, answers: 1 };
  },
};

/** Since Node.js 22.8 a program may keep what it has compiled on the disk. */
const compiledBefore = {
  ...firstResult,
  name: 'first result, compiled before',
  warmUps: 2,
  says: (size) => `${firstResult.says(size)}; the program has called module.enableCompileCache(), and has run before`,
  async fresh(open) {
    module.enableCompileCache(join(tmpdir(), 'offloop-bench-compiled'));
    return firstResult.fresh(open);
  },
};

export const start = [
  firstResult,
  ...('enableCompileCache' in module ? [compiledBefore] : []),
  {
    name: 'a thread for each call',
    unit: 'ms',
    warmUps: 0,
    rounds: 5,
    size: 8,
    quickSize: 4,
    contestants: isolating,
    says: (calls) => `${calls} calls, each in a thread of its own, ${pause} ms apart, which do not count; the median`,
    targets: [{ against: isolating[0].name, most: 0.1 }],
    async fresh(open, calls) {
      const { alone } = await open({ threads: 1 });
      equal(await alone(1, 2), 3);
      const times = [];
      for (let i = 0; i < calls; i += 1) {
        await setTimeout(pause);
        const begin = performance.now();
        const answer = await alone(i, 1);
        times.push(performance.now() - begin);
        equal(answer, i + 1);
      }
      return { figure: quartiles(times).middle, answers: calls };
    },
  },
];

export const ownFile = [
  {
    name: 'first result, own file',
    unit: 'ms',
    warmUps: 1,
    rounds: 15,
    size: 1,
    quickSize: 1,
    contestants: byFile,
    says: () =>
      "from the start of a program to the answer of its first call: the function is in the program's own file, of which a thread loads a part, or in a module",
    // Before that version, Node.js runs load hooks in a thread of their own, which takes as long to start.
    targets: 'registerHooks' in module ? [{ against: inModule, within: 30 }] : [],
    async fresh(open) {
      const { run } = await open();
      return { figure: await run(), answers: 1 };
    },
  },
];
