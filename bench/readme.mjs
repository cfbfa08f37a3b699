/** Writes the table of costs into the readme, from the results that are saved: `node bench/readme.mjs`. @module */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bare, isOwn, own, posted } from './contestants.mjs';
import { digits } from './numbers.mjs';
import { table } from './table.mjs';

const byHand = 'postMessage and Atomics.wait';
const newWorker = 'new Worker for each call';

/** The lines: what they are about, the group and the row, the contestant that is written by hand, and the figure of the row. */
const lines = [
  ['the first 100 calls of a process, each awaited', 'Cold calls', 'first 100 calls', bare],
  ['the next 400', 'Cold calls', 'next 400 calls', bare],
  ['a small call, in series, after thousands', 'Calls', 'small call in series', bare],
  ['a call each 5 ms', 'Cold calls', 'a call each 5 ms', bare],
  ['a call each 5 ms, 99th percentile', 'Cold calls', 'a call each 5 ms', bare, 'side'],
  ['a call each 5 ms, its time on processors', 'Cold calls', 'a call each 5 ms', bare, 'cpu'],
  ['64 calls at once, each 5 ms, per call', 'Cold calls', '64 calls at once each 5 ms', bare],
  ['a small call, 20,000 at once', 'Calls', 'small calls at once', bare],
  ['a call each 5 ms, beside busy processes', 'Beside others', 'a call each 5 ms, beside busy processes', bare],
  ['jobs of 2 ms at random, two threads at 60 %', 'Random arrivals', 'arrivals at 60 %', bare],
  ['the same, 99th percentile', 'Random arrivals', 'arrivals at 60 %', bare, 'side'],
  ['64 KiB cloned, there and back, each 20 ms', 'Cold bytes', '64 KiB each 20 ms', bare],
  ['1 MiB cloned, there and back, each 20 ms', 'Cold bytes', '1 MiB each 20 ms', bare],
  ['1 MiB cloned, there and back, in series', 'Bytes', '1 MiB cloned', bare],
  ['the first 1,000 items of an iterator', 'Cold items', 'first 1,000 items', posted],
  ['an iterator of 10 items each 5 ms, per item', 'Cold items', 'an iterator of 10 items each 5 ms', posted],
  ["an iterator's item, a number", 'Streams', 'stream of numbers', posted],
  ['the first 100 blocking calls from a thread to main', 'Cold waits', 'first 100 blocking calls', byHand],
  ['a blocking call to main, after thousands', 'Waiting for main', 'blocking call to main', byHand],
  ['a call in a thread of its own', 'Start', 'a thread for each call', newWorker],
  ['the first result of a process', 'Start', 'first result', bare],
  ['the first result of a new thread', 'New threads', 'first result of a new thread', bare],
  ['memory of an idle thread', 'Memory', 'memory of an idle thread', bare],
  ["main's memory per pool", 'Memory', "main's memory per pool", bare],
  ['delay of the loop, pool saturated (99th percentile)', 'The loop of main', 'event-loop delay', bare],
];

const units = { figure: 'unit', side: 'sideUnit', cpu: 'cpuUnit' };

/** The sentence and the table; what was not measured yet is left out. */
export function costs({ machine, groups }) {
  const places = [];
  const body = lines.flatMap(([about, title, name, hand, figure = 'figure']) => {
    const row = groups.find((group) => group.title === title)?.rows.find((one) => one.name === name);
    if (!row?.contestants.find((result) => result.name === own)?.[figure]) return [];
    return [[`${about}${noteOf(row, places)}`, ...cells(row, hand, figure)]];
  });
  const { cores, processor, node, threads } = machine;
  return [
    `Medians on ${cores} × ${processor} with Node.js ${node.slice(1)}, ${threads} threads each.`,
    table(['', own, 'bare `worker_threads`', 'the best other'], body),
    ...places.map((place, i) => `${'\\*'.repeat(i + 1)} ${place}`),
  ].join('\n\n');
}

/** Marks a row that was measured in another way than the table as a whole. */
function noteOf({ place, quick }, places) {
  if (!place && !quick) return '';
  const says = [place, quick && 'fewer and shorter rounds'].filter(Boolean).join('; ');
  const text = `${says[0].toUpperCase()}${says.slice(1)}.`;
  if (!places.includes(text)) places.push(text);
  return ` ${'\\*'.repeat(places.indexOf(text) + 1)}`;
}

function cells(row, hand, figure) {
  const unit = (row[units[figure]] ?? '').split(/,? /).find((word) => ['µs', 'ms', 'KiB', 'MiB'].includes(word)) ?? '';
  const text = (result) => (result?.[figure] ? `${digits(result[figure].middle)} ${unit}` : '');
  const of = (name) => row.contestants.find((result) => result.name === name);
  const others = row.contestants.filter(({ name, isBaseline }) => name !== hand && !isBaseline && !isOwn(name));
  const [best] = others.filter((result) => result[figure]).toSorted((a, b) => a[figure].middle - b[figure].middle);
  return [text(of(own)), text(of(hand)), best ? `${text(best)}, ${best.name}` : ''];
}

const [begins, ends] = ['<!-- costs -->', '<!-- end of costs -->'];

/** The part of the text of a page that {@link costs} writes. */
export function partOf(page) {
  return page.slice(page.indexOf(begins) + begins.length, page.indexOf(ends)).trim();
}

/** The text of a page with new `costs`. */
function withPart(page, text) {
  return `${page.slice(0, page.indexOf(begins) + begins.length)}\n\n${text}\n\n${page.slice(page.indexOf(ends))}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(import.meta.dirname, '..');
  const results = JSON.parse(readFileSync(join(root, 'bench/results/node-20.json'), 'utf8'));
  const path = join(root, 'README.md');
  writeFileSync(path, withPart(readFileSync(path, 'utf8'), costs(results)));
}
