/** The results as Markdown. @module */

import { describe } from './machine.mjs';
import { digits } from './numbers.mjs';
import { overview } from './overview.mjs';
import { countTargets } from './results.mjs';
import { isTie } from './statistics.mjs';
import { summary } from './summary.mjs';
import { capital, table } from './table.mjs';
import { bestPeer } from './targets.mjs';

/**
 * A whole run; `chartOf` gives the file of a group's chart, if there is one. The figures of a quick run are too rough for targets:
 * it ends with who is ahead.
 */
export function report(results, { chartOf } = {}) {
  const groups = results.groups.map((group) => {
    const chart = chartOf?.(group);
    return [
      `## ${group.title}`,
      ...(chart ? [`![${group.title}: medians and quartiles](${chart})`] : []),
      summary(group),
      ...group.rows.map((row) => section(row, results)),
    ].join('\n\n');
  });
  return [heading(results), ...groups, ...(results.quick ? overview(results) : [targetsMet(results)])].join('\n\n');
}

function targetsMet(results) {
  const { all, met } = countTargets(results);
  return `${met} of ${all} targets met.`;
}

/** The machine, and how to read the tables. */
function heading({ machine, quick }) {
  const kind = quick
    ? '; a quick run, of fewer and shorter rounds, each package as it comes only: its figures are rough'
    : '';
  return [
    ...describe(machine),
    `Medians and quartiles of interleaved rounds after others to warm up${kind}. Less is better but for "× one thread".`,
    'A tie is a difference from the best peer that is within the quartiles.',
  ].join('\n');
}

/** A row's table, and its targets with the measured figures. */
function section(row, { machine: { threads }, quick }) {
  const { sideUnit } = row;
  const head = [
    'contestant',
    row.unit,
    'p25–p75',
    '× best peer',
    ...(sideUnit ? [sideUnit] : []),
    row.cpuUnit,
    'answers',
  ];
  const lines = row.contestants.map((result) => [
    result.name,
    ...(result.figure ? figures(result, row) : [result.failure ? 'failed' : 'n/a', '–', '–']),
    ...(sideUnit ? [middle(result.side)] : []),
    middle(result.cpu),
    result.failure ?? (result.answers > 0 ? checks(result, threads) : '–'),
  ]);
  const parts = [
    `### ${capital(row.name)}`,
    `${capital(row.says)}; ${howOf(row)}; others kept the processors ${Math.round(row.others * 100)} % busy.`,
    table(head, lines),
  ];
  const verdicts = ((row.quick ?? quick) ? [] : row.verdicts).map(({ what, measured, limit, met }) => [
    what,
    digits(measured),
    limit,
    met ? 'yes' : 'no',
  ]);
  if (verdicts.length > 0) parts.push(table(['offloop', 'measured', 'target', 'met'], verdicts));
  return parts.join('\n\n');
}

/** How a row was measured: of the others only where it differs. */
function howOf({ rounds, quick, place }) {
  const kind = quick ? ' of a quick run' : '';
  return `${rounds} ${rounds === 1 ? 'round' : 'rounds'}${kind}${place ? ` on ${place}` : ''}`;
}

function checks({ answers, used, note, isBaseline, isOnMain }, threads) {
  const where = isBaseline || isOnMain ? '' : ', off main';
  const alone = used < threads ? ', some rounds in one thread' : '';
  return `${answers.toLocaleString('en')} right${where}${alone}${note ? `; ${note}` : ''}`;
}

function figures({ name, figure, isBaseline }, { contestants }) {
  const best = bestPeer(contestants);
  const ratio = best && !isBaseline ? digits(figure.middle / best.figure.middle) : '–';
  const tie = best && !isBaseline && name !== best.name && isTie(figure, best.figure) ? ' (tie)' : '';
  return [digits(figure.middle), `${digits(figure.low)}–${digits(figure.high)}`, `${ratio}${tie}`];
}

const middle = (figure) => (figure ? digits(figure.middle) : '–');
