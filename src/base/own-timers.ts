/** Timers that do not use those of Node.js, in case these were fake when the library was loaded. @module */

import { MessageChannel } from 'node:worker_threads';
import { waitAsync } from './intrinsics.ts';

/**
 * Runs `action` after `delay` milliseconds unless the returned function is called first. Does not keep the process
 * alive.
 */
export function ownTimeout(action: () => void, delay: number): () => void {
  const words = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let isOver = false;
  const run = async (): Promise<void> => {
    await waitAsync(words, 0, 0, delay).value;
    if (isOver) return;
    isOver = true;
    action();
  };
  void run();
  return () => {
    if (isOver) return;
    isOver = true;
    Atomics.notify(words, 0);
  };
}

/**
 * Makes a `setImmediate`: actions run in order, in the next turn of the event loop. `isHeld`: a pending action keeps
 * the process alive.
 */
export function ownImmediate(isHeld: boolean): (action: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  let actions: (() => void)[] = [];
  const turn = (): void => {
    if (isHeld) port1.ref();
    port2.postMessage(undefined);
  };
  port1.on('message', () => {
    const due = actions;
    actions = [];
    port1.unref();
    try {
      for (let action = due.shift(); action; action = due.shift()) action();
    } finally {
      // An action has thrown: the remaining actions run in the next turn.
      if (due.length > 0) {
        actions.unshift(...due);
        turn();
      }
    }
  });
  port1.unref();
  return (action) => {
    if (actions.push(action) === 1) turn();
  };
}

/** A handle that keeps the process alive while it is ref'd; it starts ref'd. */
export function ownHolder(): { ref(): void; unref(): void } {
  return new MessageChannel().port1;
}
