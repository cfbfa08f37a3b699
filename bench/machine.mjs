/** What the numbers were measured on. @module */

import { cpus, release, type } from 'node:os';
import { threads, versions } from './contestants.mjs';

/** The machine, Node.js and the packages, in two lines. */
export function describeMachine() {
  const [first, ...others] = cpus();
  return [
    `${others.length + 1} × ${first?.model}, ${type()} ${release()}, Node.js ${process.version}; ${threads} threads each.`,
    `${versions().join(', ')}.`,
  ];
}

/** Watches what others take of the processors; the end of it wants to know what this run took, in milliseconds. */
export function watchOthers() {
  const before = times();
  return (own) => {
    const after = times();
    return Math.max(0, after.busy - before.busy - own) / (after.all - before.all);
  };
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
