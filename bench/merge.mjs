/** Puts the rows of a run beside those that a folder has already, so that a part of the rows can be measured anew. @module */

import { describe } from './machine.mjs';

/**
 * The `results` of a run with the rows of an `earlier` one that it did not measure, in the order of `groups`. A row that was
 * measured on another machine says so, and one of a quick run too. Rows that are no longer in `groups` are left out.
 */
export function merge(results, earlier, groups) {
  const fresh = marked(results, undefined);
  const kept = marked(earlier, placeOf(earlier) === placeOf(results) ? undefined : placeOf(earlier));
  const rowsOf = (title, names) => names.flatMap((name) => rowOf(fresh, title, name) ?? rowOf(kept, title, name) ?? []);
  const all = groups.map(({ title, rows }) => ({
    title,
    rows: rowsOf(
      title,
      rows.map(({ name }) => name),
    ),
  }));
  const packages = { ...earlier.machine.packages, ...results.machine.packages };
  return {
    ...results,
    machine: { ...results.machine, packages },
    quick: results.quick && earlier.quick,
    groups: all.filter(({ rows }) => rows.length > 0),
  };
}

function rowOf(groups, title, name) {
  return groups.find((group) => group.title === title)?.rows.find((row) => row.name === name);
}

/** The groups of a run whose rows say how they were measured. */
function marked({ groups, quick }, place) {
  const mark = (row) => ({ ...row, quick: row.quick ?? quick, ...(place && !row.place ? { place } : {}) });
  return groups.map(({ title, rows }) => ({ title, rows: rows.map(mark) }));
}

/** Where a run took place: results of other versions of packages can still be compared. */
const placeOf = ({ machine }) => describe(machine)[0].replace(/; .*/, '');
