/** What offloop is meant to reach, and whether it did: by the medians as they are, whatever the spread. @module */

import { bare, own } from './contestants.mjs';
import { isTie } from './statistics.mjs';

/**
 * A target is a ratio (`most`, `against` a contestant or the best of some), a bound in the row's unit (`below: true`),
 * or `equal`: not more than `against`, or within the spread of it. It is about the row's figure unless that says `cpu`.
 */
export function judge(target, results) {
  const { against, most, below, equal, figure = 'figure' } = target;
  const what = figure === 'cpu' ? 'CPU' : 'median';
  const mine = results.find(({ name }) => name === own)?.[figure];
  if (!mine) return;

  if (below) return verdict(what, mine.middle, `below ${most}`, mine.middle < most);

  const peer = opponent(against, results, figure);
  if (!peer) return;
  const ratio = mine.middle / peer[figure].middle;
  const words = `${what} ÷ ${against === peer.name ? against : `${against} (${peer.name})`}`;
  if (equal) return verdict(words, ratio, 'equal', ratio <= 1 || isTie(mine, peer[figure]));
  return verdict(words, ratio, `at most ${most}`, ratio <= most);
}

/** The peer with the smallest figure; with `libraries`, only those that are more than a bare `Worker`. */
export function bestPeer(results, { figure = 'figure', libraries = false } = {}) {
  return results
    .filter((result) => result[figure] && !result.isBaseline && result.name !== own)
    .filter(({ name }) => !libraries || name !== bare)
    .toSorted((a, b) => a[figure].middle - b[figure].middle)[0];
}

function opponent(against, results, figure) {
  if (against === 'best peer') return bestPeer(results, { figure });
  if (against === 'best library') return bestPeer(results, { figure, libraries: true });
  return results.find((result) => result.name === against && result[figure]);
}

const verdict = (what, measured, limit, met) => ({ what, measured, limit, met });
