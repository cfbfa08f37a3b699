/** Runs a row: a process for each contestant, and their rounds in turns. @module */

import { Contestant } from './contestant.mjs';
import { baselines, contestants } from './contestants.mjs';
import { watchOthers } from './machine.mjs';
import { spent } from './measure.mjs';
import { quartiles } from './statistics.mjs';
import { judge } from './targets.mjs';

/**
 * All contestants' results for `row`, with its targets. The first round warms up and does not count. Each round begins
 * with another contestant, so that none always has the same one before it.
 */
export async function runRow(row, { quick, advance }) {
  const [size, rounds] = quick ? [row.quickSize, quickRounds] : [row.size, row.rounds];
  const taking = [...baselines.filter(({ name }) => name === row.baseline), ...contestants];
  const othersTook = watchOthers();
  const before = spent();
  const running = taking.map((contestant) => new Contestant(contestant, row, size));

  try {
    await Promise.all(running.map((contestant) => contestant.ready()));
    for (let round = 0; round <= rounds; round += 1) {
      const first = round % running.length;
      for (const contestant of [...running.slice(first), ...running.slice(0, first)]) {
        await contestant.round({ counts: round > 0 });
        advance(row.name);
      }
    }
  } finally {
    await Promise.all(running.map((contestant) => contestant.stop()));
  }

  const own = running.reduce((sum, contestant) => sum + contestant.spent, spent() - before);
  const results = running.map(summary);
  const verdicts = row.targets.map((target) => judge(target, results)).filter((verdict) => verdict !== undefined);
  return { row, size, rounds, results, verdicts, others: othersTook(own) };
}

/** How often {@link runRow} calls `advance`. */
export function steps(row, { quick }) {
  const taking = contestants.length + (row.baseline === undefined ? 0 : 1);
  return taking * ((quick ? quickRounds : row.rounds) + 1);
}

const quickRounds = 2;

function summary({ name, figures, cpus, answers, used, failure }) {
  return {
    name,
    answers,
    used,
    failure,
    isBaseline: baselines.some((baseline) => baseline.name === name),
    figure: figures.length > 0 && failure === undefined ? quartiles(figures) : undefined,
    cpu: cpus.length > 0 ? quartiles(cpus) : undefined,
  };
}
