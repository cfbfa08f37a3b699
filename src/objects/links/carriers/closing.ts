/** Bounds how long a connection that was closed waits for the other side to take what was sent. @module */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { after } from '../../../base/clock.ts';

/** How long nothing may leave before the connection is cut, in milliseconds. */
const patience = 2_000;

/**
 * Calls `cut` once nothing has left for a while: `waiting` says how much has not. Gives what ends that.
 *
 * Without it, another side that has stopped would hold this process for ever.
 */
export function cutIfStuck(waiting: () => number, cut: () => void): () => void {
  let before = waiting();
  const look = (): void => {
    const left = waiting();
    if (left === before) return cut();
    before = left;
    timer = after(patience, look);
  };
  let timer = after(patience, look);
  return () => timer.cancel();
}

/** Ends `stream` once what was written has left, or nothing of it leaves. */
export function endStream(stream: Duplex): void {
  const cut = (): void => void stream.destroy();
  stream.end(cut);
  // A socket sees that a part of a long message has left.
  if (stream instanceof Socket) return void stream.setTimeout(patience, cut);
  const stop = cutIfStuck(() => stream.writableLength, cut);
  stream.once('close', stop);
}
