/** A baseline for streams: the same items from async generators on main. @module */

import { chunkAt, recordAt } from '../items.mjs';

const generators = {
  async *numbers(count) {
    for (let i = 0; i < count; i += 1) yield i;
  },
  async *records(count) {
    for (let i = 0; i < count; i += 1) yield recordAt(i);
  },
  async *chunks(count) {
    for (let i = 0; i < count; i += 1) yield chunkAt(i);
  },
};

export function open() {
  return {
    runsOnMain: true,
    stream: (name, maxSize, args) => generators[name](...args),
    close() {},
  };
}
