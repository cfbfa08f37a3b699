/** Sums a whole run up on one screen: a line for each group. @module */

import { digits } from './numbers.mjs';
import { table } from './table.mjs';

const standings = ['ahead', 'tie', 'behind'];

/** The last screen of a quick run; nothing if no row has a peer. */
export function overview(results) {
  const compared = results.groups.map(({ title, rows }) => ({ title, rows: rows.filter(({ standing }) => standing) }));
  const groups = compared.filter(({ rows }) => rows.length > 0);
  return groups.length === 0 ? [] : [screen(groups)];
}

/** In how many rows of each group offloop is ahead of the best peer, level with it, or behind; and where it is furthest behind. */
function screen(groups) {
  const lines = groups.map(({ title, rows }) => line(title, rows));
  const all = groups.flatMap(({ rows }) => rows);
  const [ahead, tie, behind] = standings.map((is) => count(all, is));
  return [
    '## Who is ahead',
    table(['group', 'offloop ahead', 'level', 'behind', '× best peer', 'the highest against'], lines),
    `offloop is ahead in ${ahead} of ${all.length} rows, level in ${tie}, behind in ${behind}.`,
  ].join('\n\n');
}

function line(title, rows) {
  const sorted = rows.map(({ standing }) => standing).toSorted((a, b) => a.ratio - b.ratio);
  const [best, worst] = [sorted[0], sorted.at(-1)];
  const range = rows.length === 1 ? digits(worst.ratio) : `${digits(best.ratio)}–${digits(worst.ratio)}`;
  return [title, ...standings.map((is) => String(count(rows, is))), range, worst.peer];
}

const count = (rows, is) => rows.filter(({ standing }) => standing.is === is).length;
