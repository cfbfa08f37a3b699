/** Sums a group up for a page: one table, and one sentence for each row. @module */

import { own } from './contestants.mjs';
import { digits } from './numbers.mjs';
import { capital, table } from './table.mjs';

/** A table with a line for each contestant and a column for each row; below it, who is ahead in each row. */
export function summary({ rows }) {
  const names = [...new Set(rows.flatMap(({ contestants }) => contestants.map(({ name }) => name)))];
  // offloop is the last line, even if a row has contestants after it.
  const ordered = [...names.filter((name) => name !== own), ...names.filter((name) => name === own)];
  const head = ['median', ...rows.map(({ name, unit }) => `${name}, ${unit}`)];
  const lines = ordered.map((name) => [name, ...rows.map((row) => cell(row, name))]);
  return [table(head, lines), rows.map((row) => `- ${sentence(row)}`).join('\n')].join('\n\n');
}

function cell({ contestants }, name) {
  const figure = contestants.find((result) => result.name === name)?.figure;
  return figure ? digits(figure.middle) : '';
}

function sentence({ name, standing }) {
  if (!standing) return `${capital(name)}: nothing to compare.`;
  const { peer, ratio, is } = standing;
  const words = {
    ahead: `offloop is ahead: ${digits(ratio)} × the best peer, ${peer}`,
    behind: `${peer} is ahead: offloop takes ${digits(ratio)} × as much`,
    tie: `a tie with ${peer}: ${digits(ratio)} ×, within the quartiles`,
  }[is];
  return `${capital(name)}: ${words}.`;
}
