/** What offloop costs beside its peers: `npm run bench -- [--quick] [part of a row's name]`. @module */

import { parseArgs } from 'node:util';
import { startProgress } from './progress.mjs';
import { heading, section } from './report.mjs';
import { groups } from './rows/index.mjs';
import { runRow, steps } from './run-row.mjs';

const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
const quick = values.quick === true;
const wanted = positionals.join(' ').toLowerCase();

const chosen = groups
  .map(({ title, rows }) => ({ title, rows: rows.filter(({ name }) => name.toLowerCase().includes(wanted)) }))
  .filter(({ rows }) => rows.length > 0);
if (chosen.length === 0) {
  console.error(`No row has "${wanted}" in its name. There are:`);
  for (const { name } of groups.flatMap(({ rows }) => rows)) console.error(`  ${name}`);
  process.exit(2);
}

const all = chosen.flatMap(({ rows }) => rows);
const progress = startProgress(all.reduce((sum, row) => sum + steps(row, { quick }), 0));
const measured = new Map();
for (const row of all) measured.set(row, await runRow(row, { quick, advance: progress.advance }));
progress.stop();

console.log(heading({ quick }));
for (const { title, rows } of chosen) {
  console.log(`\n## ${title}`);
  for (const row of rows) console.log(`\n${section(measured.get(row))}`);
}

const results = [...measured.values()];
const verdicts = results.flatMap(({ verdicts }) => verdicts);
console.log(`\n${verdicts.filter(({ met }) => met).length} of ${verdicts.length} targets met.`);
if (results.some(({ results }) => results.some(({ failure }) => failure !== undefined))) process.exitCode = 1;
