/** An object in a thread, by `threadedObject` of offloop. @module */

import { Threaded } from './object-class.mjs';

export async function open() {
  const counter = await Threaded.start();
  return { add: (by) => counter.add(by), close: () => counter.release() };
}
