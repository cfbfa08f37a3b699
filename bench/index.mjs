/** Compares offloop with its peers: `offloop bench ['part of a name|of another'] [--quick] [--rounds n] [--save folder]`. @module */

import { packagesOf } from './contestants.mjs';
import { isInstalled } from './packages.mjs';
import { startProgress } from './progress.mjs';
import { report } from './report.mjs';
import { hasFailures, resultsOf } from './results.mjs';
import { groups } from './rows/index.mjs';
import { runGroup, steps } from './run-group.mjs';
import { drawsCharts, save } from './save.mjs';

/**
 * Runs the rows that have a part of `filter` in their name or their group's, prints the tables, and writes them to the folder
 * `save` if there is one. Gives the exit code: 1 if a contestant failed, 2 if there is no such row.
 */
export async function bench({ filter, quick, rounds, save: folder }) {
  const chosen = choose(filter);
  if (chosen.length === 0) return refuse(filter);

  const rows = chosen.flatMap((group) => group.rows);
  tellMissing(rows, folder !== undefined);
  const progress = startProgress(rows.reduce((sum, row) => sum + steps(row, { quick, rounds }), 0));
  const measured = [];
  for (const group of chosen) {
    const results = await runGroup(group, { quick, rounds, advance: progress.advance });
    measured.push({ title: group.title, results });
  }
  progress.stop();

  const results = resultsOf(measured, { quick });
  console.log(report(results));
  if (folder !== undefined) for (const path of await save(results, folder, groups)) console.error(`Wrote ${path}`);
  return hasFailures(results) ? 1 : 0;
}

function choose(filter) {
  const wanted = filter.toLowerCase().split('|');
  const isWanted = (name) => wanted.some((part) => name.toLowerCase().includes(part));
  return groups
    .map((group) =>
      isWanted(group.title) ? group : { ...group, rows: group.rows.filter(({ name }) => isWanted(name)) },
    )
    .filter(({ rows }) => rows.length > 0);
}

function refuse(filter) {
  console.error(`No row or group has "${filter}" in its name. There are:`);
  for (const { title, rows } of groups) console.error(`  ${title}: ${rows.map(({ name }) => name).join('; ')}`);
  return 2;
}

/** Names the packages that are not installed, and so do not take part, with the command that installs them. */
function tellMissing(rows, isSaved) {
  const needed = [...Object.keys(packagesOf(rows)), ...(isSaved ? [drawsCharts] : [])];
  const missing = needed.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  console.error(`Left out, as not installed: ${missing.join(', ')}`);
  console.error(`To have them take part: npm install --no-save ${missing.join(' ')}`);
}
