/** Describes the machine on which the numbers were measured. @module */

import { cpus, release, totalmem, type } from 'node:os';
import { packagesOf, threads } from './contestants.mjs';
import { ownVersion } from './packages.mjs';

/** The machine, Node.js, and the packages that the contestants of `rows` need. */
export function machineOf(rows) {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    threads,
    offloop: ownVersion(),
    packages: packagesOf(rows),
  };
}

/** The machine, Node.js and the packages in two lines of text. */
export function describe({ processor, cores, system, node, threads, offloop, packages }) {
  const there = Object.entries(packages).filter(([, version]) => version !== undefined);
  const all = [['offloop', offloop], ...there].map((pair) => pair.join(' '));
  return [`${cores} × ${processor}, ${system}, Node.js ${node}; ${threads} threads each.`, `${all.join(', ')}.`];
}

/**
 * Measures how busy other processes keep the processors; the returned function takes this run's own CPU time, in ms.
 */
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
