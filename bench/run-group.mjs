/** Runs the rows of a group: a process for each contestant, and their rounds in turns. @module */

import { Contestant } from './contestant.mjs';
import { asTheyCome, baselines, contestants, isPresent, takingPart } from './contestants.mjs';
import { watchOthers } from './machine.mjs';
import { spent } from './measure.mjs';
import { quartiles } from './statistics.mjs';
import { judge } from './targets.mjs';

/** All contestants' results for each of the group's rows, with its targets. */
export async function runGroup(group, options) {
  const chosenOf = (row) => present(row, options);
  const all = new Map(group.rows.flatMap(chosenOf).map((contestant) => [contestant.name, contestant]));
  const running = [...all.values()].map((contestant) => new Contestant(contestant, group));
  const results = [];
  try {
    await Promise.all(running.map((contestant) => contestant.ready()));
    for (const row of group.rows) {
      const names = chosenOf(row).map(({ name }) => name);
      const chosen = names.map((name) => running.find((contestant) => contestant.name === name));
      results.push(await runRow(row, chosen, options));
    }
  } finally {
    await Promise.all(running.map((contestant) => contestant.stop()));
  }
  return results;
}

/**
 * Runs the rounds of a row. The first rounds warm up and do not count: one, or as many as the row says, until the
 * engine has compiled the hot code. Each round begins with another contestant, so that none is always the first.
 */
async function runRow(row, running, { quick, rounds: wanted, advance }) {
  const size = quick ? row.quickSize : row.size;
  const rounds = wanted ?? roundsOf(row, quick);
  const warmUps = warmUpsOf(row, quick);
  const ownTime = () => running.reduce((sum, contestant) => sum + contestant.spent, spent());
  const before = ownTime();
  const othersTook = watchOthers();

  for (const contestant of running) await contestant.begin(row, { size, leadIn: quick ? quickLeadIn : leadIn });
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const first = round % running.length;
    for (const contestant of [...running.slice(first), ...running.slice(0, first)]) {
      await contestant.round({ counts: round >= warmUps });
      advance(row.name);
    }
  }

  const others = othersTook(ownTime() - before);
  const results = running.map(summary);
  const verdicts = row.targets.map((target) => judge(target, results, row)).filter((verdict) => verdict !== undefined);
  return { row, size, rounds, results, verdicts, others };
}

/** How often {@link runGroup} calls `advance` for a row. */
export function steps(row, { quick, rounds = roundsOf(row, quick) }) {
  return present(row, { quick }).length * (rounds + warmUpsOf(row, quick));
}

/** The contestants whose packages are installed; in a quick run, only with default options. */
function present(row, { quick }) {
  const leftOut = quick ? contestants.filter((contestant) => !asTheyCome.includes(contestant)) : [];
  return takingPart(row).filter((contestant) => isPresent(contestant) && !leftOut.includes(contestant));
}

/** How long the untimed work before a round takes, in milliseconds, for rows that warm up. */
const leadIn = 100;
const quickLeadIn = 20;

/** How many rounds count. Fresh processes start slowly and need no warm-up, so a quick run has one round of them. */
function roundsOf(row, quick) {
  if (!quick) return row.rounds;
  return row.fresh ? 1 : 2;
}

function warmUpsOf(row, quick) {
  const { warmUps = 1 } = row;
  if (!quick) return warmUps;
  return row.fresh ? 0 : Math.min(1, warmUps);
}

function summary({ name, note, isOnMain, figures, cpus, sides, answers, used, failure }) {
  return {
    name,
    note,
    isOnMain,
    answers,
    used,
    failure,
    isBaseline: baselines.some((baseline) => baseline.name === name),
    figure: figures.length > 0 && failure === undefined ? quartiles(figures) : undefined,
    cpu: cpus.length > 0 ? quartiles(cpus) : undefined,
    side: sides.length > 0 ? quartiles(sides) : undefined,
    figures,
  };
}
