/** Prints the result of the demo, in words and tables for a terminal. @module */

import { delayChart } from './chart.ts';
import type { DemoResult } from './demo.ts';
import { speed } from './phase.ts';
import type { PhaseResult } from './phase.ts';
import type { FileFailure } from './tally.ts';
import { bytes, count, decimal, files, printable } from './wording.ts';

/** Makes a piece of text stand out, if the terminal can do that. */
export type Emphasis = (text: string) => string;

/** The whole report, line by line. */
export function report(result: DemoResult, emphasis: Emphasis): string[] {
  const { root, found, chosen, main, offLoop, failures } = result;
  const failed = failures.map(told);
  if (found.files === 0) return [`No files in ${printable(root)}`, ...listing('Could not be read:', failed)];

  const columns = [
    { title: 'main thread', delay: main.delay },
    { title: 'off the loop', delay: offLoop.delay },
  ];
  return [
    emphasis(`${count(chosen.files)} of ${files(found.files)}, ${bytes(chosen.bytes)}, in ${printable(root)}`),
    '',
    ...comparison(main, offLoop),
    '',
    emphasis(conclusion(result)),
    ...listing('Event-loop delay: how late the loop was, as shares of the time', delayChart(columns)),
    ...findings(result),
    ...listing(`${files(failures.length)} could not be read:`, failed),
  ];
}

const measures: readonly (readonly [name: string, tell: (phase: PhaseResult) => string])[] = [
  ['files', (phase) => count(phase.files)],
  ['bytes', (phase) => bytes(phase.bytes)],
  ['time', ({ time }) => (time < 1000 ? `${decimal(time)} ms` : `${decimal(time / 1000)} s`)],
  ['cores in use', ({ cpuTime, time }) => decimal(cpuTime / time)],
  ['throughput', (phase) => `${bytes(speed(phase))}/s`],
  ['', ({ files, time }) => `${count(files / (time / 1000))} files/s`],
  ['threads', ({ threadIds }) => count(threadIds.length)],
  ['loop delay p50', ({ delay }) => `${decimal(delay.p50)} ms`],
  ['p99', ({ delay }) => `${decimal(delay.p99)} ms`],
  ['max', ({ delay }) => `${decimal(delay.max)} ms`],
];

function comparison(main: PhaseResult, offLoop: PhaseResult): string[] {
  const rows = measures.map(([name, tell]) => row(name, [tell(main), tell(offLoop)]));
  return [row('', ['main thread', 'off the loop']), ...rows];
}

function conclusion({ main, offLoop, speedUp }: DemoResult): string {
  if (speedUp === undefined) return 'Nothing to compare: no bytes were read';

  const others = offLoop.threadIds.filter((id) => !main.threadIds.includes(id)).length;
  const threads = `${others} other thread${others === 1 ? '' : 's'}`;
  return `${decimal(speedUp)} × as fast per byte, start of the threads included: the work ran in ${threads}`;
}

function findings({ findings }: DemoResult): string[] {
  const { bytes: size, compressed, copies, words, topWords, mostCompressible } = findings;
  const shrunk = mostCompressible.map((file) => {
    const sizes = `${bytes(file.bytes)} to ${bytes(file.compressed)}`;
    return `  ${decimal(file.bytes / file.compressed).padStart(7)} ×  ${sizes.padEnd(22)}  ${printable(file.path)}`;
  });
  return [
    '',
    `Brotli makes ${bytes(size)} into ${bytes(compressed)}; ${files(copies)} ${copies === 1 ? 'is a copy' : 'are copies'} of another`,
    `${count(words)} words, most often ${topWords.map(([word, times]) => `${word} (${count(times)})`).join(', ')}`,
    ...listing('Most compressible:', shrunk),
  ];
}

/** The file system's messages name the path, others do not. */
function told({ path, message }: FileFailure): string {
  return `  ${printable(message.includes(path) ? message : `${path}: ${message}`)}`;
}

function listing(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(16), ...cells.map((cell) => cell.padStart(16))].join('').trimEnd();
}
