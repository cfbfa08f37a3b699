/** What offloop costs beside its peers: `npm run bench -- [--quick] [part of a name]`. @module */

import { parseArgs } from 'node:util';
import { startProgress } from './progress.mjs';
import { heading, section } from './report.mjs';
import { groups } from './rows/index.mjs';
import { runGroup, steps } from './run-group.mjs';

const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
const quick = values.quick === true;
const wanted = positionals.join(' ').toLowerCase();

const isWanted = (name) => name.toLowerCase().includes(wanted);
const chosen = groups
  .map(({ title, rows }) => ({ title, rows: isWanted(title) ? rows : rows.filter(({ name }) => isWanted(name)) }))
  .filter(({ rows }) => rows.length > 0);
if (chosen.length === 0) {
  console.error(`No row or group has "${wanted}" in its name. There are:`);
  for (const { name } of groups.flatMap(({ rows }) => rows)) console.error(`  ${name}`);
  process.exit(2);
}

const all = chosen.flatMap(({ rows }) => rows);
const progress = startProgress(all.reduce((sum, row) => sum + steps(row, { quick }), 0));
const measured = [];
for (const { title, rows } of chosen) {
  measured.push({ title, results: await runGroup(rows, { quick, advance: progress.advance }) });
}
progress.stop();

console.log(heading({ quick }));
for (const { title, results } of measured) {
  console.log(`\n## ${title}`);
  for (const result of results) console.log(`\n${section(result)}`);
}

const results = measured.flatMap(({ results }) => results);
const verdicts = results.flatMap(({ verdicts }) => verdicts);
console.log(`\n${verdicts.filter(({ met }) => met).length} of ${verdicts.length} targets met.`);
if (results.some(({ results }) => results.some(({ failure }) => failure !== undefined))) process.exitCode = 1;
