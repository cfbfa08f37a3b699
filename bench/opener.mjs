/** Opens a contestant. @module */

import { takingPart, threads } from './contestants.mjs';

/** Gives what opens the contestant `name` of a group, in its own configuration but for `changes`; loads it only then. */
export function opener(name, { rows }) {
  const contestant = rows.flatMap(takingPart).find((one) => one.name === name);
  return async (changes) => {
    const { open } = await import(`./peers/${contestant.peer}.mjs`);
    return open({ threads, ...contestant, ...changes });
  };
}
