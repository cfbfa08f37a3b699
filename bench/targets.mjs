/** Checks the targets of offloop against the medians, whatever their spread. @module */

import { bare, isOwn, own } from './contestants.mjs';
import { isTie } from './statistics.mjs';

/**
 * Judges a target. It is a ratio (`most`, `against` a contestant or the best of some), a bound in the row's unit
 * (`most` with `below: true`, or `least`), a difference in that unit (`within`, more than `against`), or `equal`: not
 * more than `against`, or within its spread. The target applies to the row's main figure, unless its `figure` is `cpu`
 * or `side`.
 */
export function judge(target, results, { sideUnit } = {}) {
  const { against, most, least, below, within, equal, figure = 'figure' } = target;
  const what = { figure: 'median', cpu: 'CPU', side: sideUnit }[figure];
  const mine = results.find(({ name }) => name === own)?.[figure];
  if (!mine) return;

  if (below) return verdict(what, mine.middle, `below ${most}`, mine.middle < most);
  if (least !== undefined) return verdict(what, mine.middle, `at least ${least}`, mine.middle >= least);

  const peer = opponent(against, results, figure);
  if (!peer) return;
  if (within !== undefined) {
    const more = mine.middle - peer[figure].middle;
    return verdict(`${what} − ${against}`, more, `at most ${within}`, more <= within);
  }
  const ratio = mine.middle / peer[figure].middle;
  const words = `${what} ÷ ${against === peer.name ? against : `${against} (${peer.name})`}`;
  if (equal) return verdict(words, ratio, 'equal', ratio <= 1 || isTie(mine, peer[figure]));
  return verdict(words, ratio, `at most ${most}`, ratio <= most);
}

/** The peer with the smallest figure; with `libraries`, only those that are more than a bare `Worker`. */
export function bestPeer(results, { figure = 'figure', libraries = false } = {}) {
  return results
    .filter((result) => result[figure] && !result.isBaseline && !isOwn(result.name))
    .filter(({ name }) => !libraries || name !== bare)
    .toSorted((a, b) => a[figure].middle - b[figure].middle)[0];
}

/** Compares offloop with the best peer: `ahead`, `behind` or `tie`, and the ratio; `undefined` if one has no figure. */
export function standing(results) {
  const mine = results.find(({ name }) => name === own)?.figure;
  const peer = bestPeer(results);
  if (!mine || !peer) return;
  const ratio = mine.middle / peer.figure.middle;
  return { peer: peer.name, ratio, is: isTie(mine, peer.figure) ? 'tie' : ratio < 1 ? 'ahead' : 'behind' };
}

function opponent(against, results, figure) {
  if (against === 'best peer') return bestPeer(results, { figure });
  if (against === 'best library') return bestPeer(results, { figure, libraries: true });
  return results.find((result) => result.name === against && result[figure]);
}

const verdict = (what, measured, limit, met) => ({ what, measured, limit, met });
