/** The results as Markdown. @module */

import { threads } from './contestants.mjs';
import { describeMachine } from './machine.mjs';
import { isTie } from './statistics.mjs';
import { bestPeer } from './targets.mjs';

/** The machine, and how to read the tables. */
export function heading({ quick }) {
  return [
    ...describeMachine(),
    `Medians and quartiles of interleaved rounds after others to warm up${quick ? '; a quick run, of fewer and shorter rounds' : ''}.`,
    'A tie is a difference from the best peer that is within the quartiles.',
  ].join('\n');
}

/** A row's table, and its targets beside what was measured. */
export function section({ row, size, rounds, results, verdicts, others }) {
  const best = bestPeer(results);
  const lines = results.map((result) => [
    result.name,
    ...(result.figure ? measured(result, best) : [result.failure ? 'failed' : 'n/a', '–', '–', '–']),
    result.failure ?? (result.answers > 0 ? checks(result) : '–'),
  ]);
  const parts = [
    `### ${capital(row.name)}`,
    `${capital(row.says(count(size)))}; ${rounds} rounds; others kept the processors ${Math.round(others * 100)} % busy.`,
    table(['contestant', row.unit, 'p25–p75', '× best peer', row.cpuUnit ?? 'CPU µs a call', 'answers'], lines),
  ];
  if (verdicts.length > 0) {
    parts.push(
      table(
        ['offloop', 'measured', 'target', 'met'],
        verdicts.map(({ what, measured, limit, met }) => [what, digits(measured), limit, met ? 'yes' : 'no']),
      ),
    );
  }
  return parts.join('\n\n');
}

function checks({ answers, used, note, isBaseline }) {
  const where = isBaseline ? '' : ', off main';
  return `${count(answers)} right${where}${used < threads ? ', some rounds in one thread' : ''}${note ? `; ${note}` : ''}`;
}

function measured({ name, figure, cpu, isBaseline }, best) {
  const ratio = best && !isBaseline ? digits(figure.middle / best.figure.middle) : '–';
  const tie = best && !isBaseline && name !== best.name && isTie(figure, best.figure) ? ' (tie)' : '';
  return [
    digits(figure.middle),
    `${digits(figure.low)}–${digits(figure.high)}`,
    `${ratio}${tie}`,
    cpu ? digits(cpu.middle) : '–',
  ];
}

function table(head, lines) {
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column].length)));
  const text = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [text(head), text(widths.map((width) => '-'.repeat(width))), ...lines.map(text)].join('\n');
}

/** Three digits that count, or all of those before the point. */
function digits(number) {
  if (number >= 100) return count(Math.round(number));
  return number >= 10 ? number.toFixed(1) : number.toFixed(number >= 0.1 ? 2 : 3);
}

const count = (number) => number.toLocaleString('en');
const capital = (text) => text[0].toUpperCase() + text.slice(1);
