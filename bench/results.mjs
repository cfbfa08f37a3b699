/** The results of a run as plain data, from which the tables, the charts and the JSON are made. @module */

import { machineOf } from './machine.mjs';
import { standing } from './targets.mjs';

/** Collects the results of `runGroup` for all groups; all values can be JSON. */
export function resultsOf(measured, { quick }) {
  const rows = measured.flatMap(({ results }) => results.map(({ row }) => row));
  return {
    machine: machineOf(rows),
    date: new Date().toISOString(),
    quick,
    groups: measured.map(({ title, results }) => ({ title, rows: results.map(rowResult) })),
  };
}

function rowResult({ row, size, rounds, results, verdicts, others }) {
  return {
    name: row.name,
    unit: row.unit,
    cpuUnit: row.cpuUnit ?? 'CPU µs a call',
    sideUnit: row.sideUnit,
    says: row.says(size.toLocaleString('en')),
    size,
    rounds,
    others,
    contestants: results,
    standing: standing(results),
    verdicts,
  };
}

/** Whether a contestant failed at a row. */
export function hasFailures({ groups }) {
  return groups.some(({ rows }) => rows.some((row) => row.contestants.some(({ failure }) => failure !== undefined)));
}

/** How many targets there are, and how many of them were met. */
export function countTargets({ groups }) {
  const verdicts = groups.flatMap(({ rows }) => rows.flatMap((row) => row.verdicts));
  return { all: verdicts.length, met: verdicts.filter(({ met }) => met).length };
}
