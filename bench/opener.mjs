/** Opens a contestant. @module */

import { isDeepStrictEqual } from 'node:util';
import { takingPart, threads } from './contestants.mjs';

/** Makes the function that loads and opens the contestant `name` of a group, with its own options and the `changes`. */
export function opener(name, { rows }) {
  const [contestant, ...others] = rows.flatMap(takingPart).filter((one) => one.name === name);
  // It is opened once for all rows of the group.
  if (others.some((other) => !isDeepStrictEqual(other, contestant)))
    throw new Error(`Cannot open ${name}: rows of its group give it different options`);
  return async (changes) => {
    const { open } = await import(`./peers/${contestant.peer}.mjs`);
    return open({ threads, ...contestant, ...changes });
  };
}
