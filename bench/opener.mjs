/** Opens a contestant. @module */

import { takingPart, threads } from './contestants.mjs';

/** Makes the function that loads and opens the contestant `name` of a group, with its own options and the `changes`. */
export function opener(name, { rows }) {
  const contestant = rows.flatMap(takingPart).find((one) => one.name === name);
  return async (changes) => {
    const { open } = await import(`./peers/${contestant.peer}.mjs`);
    return open({ threads, ...contestant, ...changes });
  };
}
