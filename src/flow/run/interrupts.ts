/** SIGINT and SIGTERM while a flow runs. @module */

import { now } from '../../base/clock.ts';
import { shared } from '../../base/realm.ts';

/** Told of the first signal, and of the second. */
export interface InterruptListener {
  first(name: NodeJS.Signals): void;
  second(name: NodeJS.Signals): void;
}

type Hear = (name: NodeJS.Signals) => void;

/**
 * For how long after the first signal the same one is not a second one, in milliseconds. At a Ctrl-C the terminal sends it to
 * every program of the command, and npm sends it on to the programs that it has started.
 */
const repeatTime = 250;

/**
 * The listeners to each signal. The process has one listener for all of them: Node.js warns from the eleventh on.
 *
 * Invariant: the process has that listener while somebody listens.
 */
const listening = shared('flow interrupts', () => new Map<NodeJS.Signals, Set<Hear>>());

/** One function for all copies of the library: each removes what another has added. */
const tell = shared('flow interrupt', () => (name: NodeJS.Signals): void => {
  for (const hear of listening.get(name) ?? []) hear(name);
});

/**
 * Listens until the returned function is called. The first signal is for the listener alone; after the second one, whichever
 * it is, it does not listen any more, and the process ends as it would without it, unless others listen. The same signal again
 * within a quarter of a second is not a second one.
 */
export function onInterrupt(names: readonly NodeJS.Signals[], listener: InterruptListener): () => void {
  let first: { readonly name: NodeJS.Signals; readonly time: number } | undefined;
  const hear: Hear = (name) => {
    if (!first) {
      first = { name, time: now() };
      listener.first(name);
      return;
    }
    if (first.name === name && now() - first.time < repeatTime) return;
    for (const other of names) remove(other, hear);
    listener.second(name);
    if (process.listenerCount(name) === 0) process.kill(process.pid, name);
  };
  for (const name of names) add(name, hear);
  return () => {
    for (const name of names) remove(name, hear);
  };
}

function add(name: NodeJS.Signals, hear: Hear): void {
  const hearers = listening.get(name) ?? new Set();
  if (hearers.size === 0) process.on(name, tell);
  listening.set(name, hearers.add(hear));
}

function remove(name: NodeJS.Signals, hear: Hear): void {
  const hearers = listening.get(name);
  if (hearers?.delete(hear) && hearers.size === 0) process.off(name, tell);
}
