/** Runs the rows of a group: a process for each contestant, and their rounds in turns. @module */

import { Contestant } from './contestant.mjs';
import { baselines, contestants } from './contestants.mjs';
import { watchOthers } from './machine.mjs';
import { spent } from './measure.mjs';
import { quartiles } from './statistics.mjs';
import { judge } from './targets.mjs';

/** All contestants' results for each of `rows`, with its targets. */
export async function runGroup(rows, options) {
  const running = [...new Set(rows.flatMap(takingPart))].map((contestant) => new Contestant(contestant));
  const results = [];
  try {
    await Promise.all(running.map((contestant) => contestant.ready()));
    for (const row of rows) results.push(await runRow(row, running, options));
  } finally {
    await Promise.all(running.map((contestant) => contestant.stop()));
  }
  return results;
}

/** Those of the rows of a group are the same, but for the baselines. */
function takingPart(row) {
  return [...baselines.filter(({ name }) => name === row.baseline), ...(row.contestants ?? contestants)];
}

/**
 * The first rounds warm up and do not count: one, or as many as the row says, until the engine has compiled what runs
 * often. Each round begins with another contestant, so that the first place is not always the same one's.
 */
async function runRow(row, running, { quick, advance }) {
  const [size, rounds] = quick ? [row.quickSize, quickRounds] : [row.size, row.rounds];
  const warmUps = warmUpsOf(row, quick);
  const ownTime = () => running.reduce((sum, contestant) => sum + contestant.spent, spent());
  const before = ownTime();
  const othersTook = watchOthers();

  for (const contestant of running) await contestant.begin(row, size);
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const first = round % running.length;
    for (const contestant of [...running.slice(first), ...running.slice(0, first)]) {
      await contestant.round({ counts: round >= warmUps });
      advance(row.name);
    }
  }

  const others = othersTook(ownTime() - before);
  const results = running.map(summary);
  const verdicts = row.targets.map((target) => judge(target, results)).filter((verdict) => verdict !== undefined);
  return { row, size, rounds, results, verdicts, others };
}

/** How often {@link runGroup} calls `advance` for a row. */
export function steps(row, { quick }) {
  return takingPart(row).length * ((quick ? quickRounds : row.rounds) + warmUpsOf(row, quick));
}

const quickRounds = 2;

function warmUpsOf(row, quick) {
  return quick ? 1 : (row.warmUps ?? 1);
}

function summary({ name, note, figures, cpus, answers, used, failure }) {
  return {
    name,
    note,
    answers,
    used,
    failure,
    isBaseline: baselines.some((baseline) => baseline.name === name),
    figure: figures.length > 0 && failure === undefined ? quartiles(figures) : undefined,
    cpu: cpus.length > 0 ? quartiles(cpus) : undefined,
  };
}
