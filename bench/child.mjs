/** One contestant in a process of its own: begins a row, or runs a round of it, each time it is told to. @module */

import { equal, notEqual } from 'node:assert/strict';
import { threadId } from 'node:worker_threads';
import { baselines, contestants, streamers, threads } from './contestants.mjs';
import { spent } from './measure.mjs';
import { groups } from './rows/index.mjs';

const all = [...contestants, ...streamers, ...baselines];
const contestant = all.find(({ name }) => name === process.argv[2]);
const rows = groups.flatMap((group) => group.rows);
let row;
let size;

process.once('disconnect', () => process.exit());

const { open } = await import(`./peers/${contestant.peer}.mjs`);
const peer = await open({ threads, ...contestant });
process.on('message', (message) => void answer(() => (message === 'round' ? row.round(peer, size) : begin(message))));
void answer(() => ({}));

/** The work has another thread's id than main; each job refuses to run on main as well. */
async function begin(message) {
  row = rows.find(({ name }) => name === message.row);
  size = message.size / (row.fewer?.[contestant.name] ?? 1);
  if (row.can?.(peer) === false) return { cannot: true };
  if (peer.job) {
    const id = await peer.job('where')();
    equal(typeof id, 'number');
    notEqual(id, threadId);
  }
  await row.begin?.(peer);
  return {};
}

async function answer(work) {
  try {
    process.send({ ...(await work()), spent: spent() });
  } catch (error) {
    process.send({ error: error.message.split('\n')[0], spent: spent() });
  }
}
