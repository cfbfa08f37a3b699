/** Runs one contestant in a process of its own: begins a row, or runs a round of it, for each message. @module */

import { equal, notEqual } from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';
import { spent } from './measure.mjs';
import { opener } from './opener.mjs';
import { groups } from './rows/index.mjs';

const [name, title] = process.argv.slice(2);
const group = groups.find((group) => group.title === title);
const fresh = fileURLToPath(new URL('./fresh.mjs', import.meta.url));
let row;
let size;
let leadIn;

/** The CPU time of the processes of fresh rounds, in milliseconds. */
let spentByOthers = 0;

process.once('disconnect', () => process.exit());

const open = opener(name, group);
const peer = group.opensItself ? { open } : await open();
process.on('message', (message) => void answer(() => (message === 'round' ? round() : begin(message))));
void answer(() => ({}));

/** Begins a row. Checks that the work runs in another thread; each job also refuses to run on main. */
async function begin(message) {
  row = group.rows.find(({ name }) => name === message.row);
  size = message.size / (row.fewer?.[name] ?? 1);
  leadIn = message.leadIn;
  if (row.can?.(peer) === false) return { cannot: true };
  if (peer.job && !peer.runsOnMain) {
    const id = await peer.job('where')();
    equal(typeof id, 'number');
    notEqual(id, threadId);
  }
  await row.begin?.(peer);
  return {};
}

async function round() {
  if (!row.fresh) return row.round(peer, size, { leadIn });

  const child = fork(fresh, [name, title, row.name, String(size)], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(([code]) => [{ error: `its process ended: ${code}` }]);
  const [{ error, spent, ...result }] = await Promise.race([once(child, 'message'), ended]);
  child.kill();
  if (error !== undefined) throw new Error(error);
  spentByOthers += spent;
  return result;
}

async function answer(work) {
  try {
    process.send({ ...(await work()), spent: spent() + spentByOthers });
  } catch (error) {
    process.send({ error: error.message.split('\n')[0], spent: spent() + spentByOthers });
  }
}
