/** What the numbers were measured on. @module */

import { cpus, release, type } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { threads, versions } from './contestants.mjs';

/** The machine, Node.js and the packages, in two lines. */
export function describeMachine() {
  const [first, ...others] = cpus();
  return [
    `${others.length + 1} × ${first?.model}, ${type()} ${release()}, Node.js ${process.version}; ${threads} threads each.`,
    `${versions().join(', ')}.`,
  ];
}

/** How busy others keep the processors while this process sleeps: a share from 0 to 1. */
export async function othersBusy() {
  const before = times();
  await setTimeout(500);
  const after = times();
  return (after.busy - before.busy) / (after.all - before.all || 1);
}

function times() {
  let busy = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return { busy, all: busy + idle };
}
