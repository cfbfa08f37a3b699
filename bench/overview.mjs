/** Sums a whole run up on one screen of 24 lines: a line for each group, or for those in which offloop is not ahead. @module */

import { digits } from './numbers.mjs';
import { table } from './table.mjs';

const standings = ['ahead', 'tie', 'behind'];

/** The last screen of a quick run; nothing if no row has a peer. */
export function overview(results) {
  const compared = results.groups.map(({ title, rows }) => ({ title, rows: rows.filter(({ standing }) => standing) }));
  const groups = compared.filter(({ rows }) => rows.length > 0);
  return groups.length === 0 ? [] : [screen(groups)];
}

/** More groups than so many are not shown one by one; then at most `most` of them are. */
const room = 14;
const most = 10;
const columns = 100;

/** In how many rows of each group offloop is ahead of the best peer, level with it, or behind; and where it is furthest behind. */
function screen(groups) {
  const isAhead = ({ rows }) => rows.every(({ standing }) => standing.is === 'ahead');
  const lagging = groups.filter((it) => !isAhead(it)).toSorted((a, b) => highest(b) - highest(a));
  const shown = groups.length > room ? lagging.slice(0, most) : groups;
  const others = groups.filter((it) => !shown.includes(it));
  const lines = shown.map(({ title, rows }) => line(title, rows));
  const all = groups.flatMap(({ rows }) => rows);
  const [ahead, tie, behind] = standings.map((is) => count(all, is));
  return [
    '## Who is ahead',
    ...(lines.length > 0 ? [table(['group', 'ahead', 'level', 'behind', '× best', 'the highest against'], lines)] : []),
    ...list(
      'Behind by less in',
      others.filter((it) => !isAhead(it)),
    ),
    ...list('Ahead in every row of', others.filter(isAhead)),
    `offloop is ahead in ${ahead} of ${all.length} rows, level in ${tie}, behind in ${behind}.`,
  ].join('\n\n');
}

const highest = ({ rows }) => Math.max(...rows.map(({ standing }) => standing.ratio));

/** A sentence with the titles of `groups`, in lines; nothing if there are none. */
function list(words, groups) {
  if (groups.length === 0) return [];
  const text = `${words} ${groups.map(({ title }) => title).join(', ')}.`;
  return [text.replaceAll(new RegExp(`(.{1,${columns}})(?: |$)`, 'gu'), '$1\n').trimEnd()];
}

function line(title, rows) {
  const sorted = rows.map(({ standing }) => standing).toSorted((a, b) => a.ratio - b.ratio);
  const [best, worst] = [sorted[0], sorted.at(-1)];
  const range = rows.length === 1 ? digits(worst.ratio) : `${digits(best.ratio)}–${digits(worst.ratio)}`;
  return [title, ...standings.map((is) => String(count(rows, is))), range, worst.peer];
}

const count = (rows, is) => rows.filter(({ standing }) => standing.is === is).length;
