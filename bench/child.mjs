/** One contestant in a process of its own: runs one round of one row each time it is told to. @module */

import { equal, notEqual } from 'node:assert/strict';
import { threadId } from 'node:worker_threads';
import { baselines, contestants, threads } from './contestants.mjs';
import { spent } from './measure.mjs';
import { groups } from './rows/index.mjs';

const [contestantName, rowName, size] = process.argv.slice(2);
const contestant = [...contestants, ...baselines].find(({ name }) => name === contestantName);
const row = groups.flatMap(({ rows }) => rows).find(({ name }) => name === rowName);

process.once('disconnect', () => process.exit());

const { open } = await import(`./peers/${contestant.peer}.mjs`);
const peer = await open({ threads, ...contestant });

if (row.can?.(peer) === false) {
  process.send({ cannot: true });
} else {
  await proveThread();
  process.on('message', () => void answer(() => row.round(peer, Number(size))));
  process.send({ ready: true });
}

/** The work has another thread's id than main; each job refuses to run on main as well. */
async function proveThread() {
  if (!peer.job) return;
  const id = await peer.job('where')();
  equal(typeof id, 'number');
  notEqual(id, threadId);
}

async function answer(work) {
  try {
    process.send({ ...(await work()), spent: spent() });
  } catch (error) {
    process.send({ error: error.message.split('\n')[0] });
  }
}
