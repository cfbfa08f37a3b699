/** The work that every contestant does. It refuses to run on main, so an answer proves that a thread gave it. @module */

import { isMainThread, threadId } from 'node:worker_threads';

export function add(a, b) {
  offMain();
  return a + b;
}

/** A new record out of an old one; {@link isNext} knows what it must be. */
export function next({ id, name, tags, point }) {
  offMain();
  return { id: id + 1, name, tags, point: { x: point.y, y: point.x } };
}

/** Changes the first and the last byte, which {@link isStamped} looks for, and gives the same array back. */
export function stamp(bytes) {
  offMain();
  bytes[0] += 1;
  bytes[bytes.length - 1] += 1;
  return bytes;
}

/** Keeps its thread busy for `time` milliseconds; the answer is the thread. */
export function spin(time) {
  offMain();
  const end = performance.now() + time;
  while (performance.now() < end);
  return threadId;
}

export function where() {
  return threadId;
}

function offMain() {
  if (isMainThread) throw new Error('The work ran on main');
}
