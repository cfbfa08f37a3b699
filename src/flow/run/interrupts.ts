/** SIGINT and SIGTERM while a flow runs. @module */

import { shared } from '../../base/realm.ts';

/** Told of the first signal, and of the second. */
export interface InterruptListener {
  first(name: NodeJS.Signals): void;
  second(name: NodeJS.Signals): void;
}

type Hear = (name: NodeJS.Signals) => void;

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
 * it is, it does not listen any more, and the process ends as it would without it, unless others listen.
 */
export function onInterrupt(names: readonly NodeJS.Signals[], listener: InterruptListener): () => void {
  let hasCome = false;
  const hear: Hear = (name) => {
    if (!hasCome) {
      hasCome = true;
      listener.first(name);
      return;
    }
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
  listening.set(name, hearers.add(hear));
  if (hearers.size === 1) process.on(name, tell);
}

function remove(name: NodeJS.Signals, hear: Hear): void {
  const hearers = listening.get(name);
  if (hearers?.delete(hear) && hearers.size === 0) process.off(name, tell);
}
