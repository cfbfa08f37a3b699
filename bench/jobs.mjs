/**
 * The work that every contestant does. It refuses to run on main, so an answer proves that a thread gave it. @module
 */

import { isMainThread, threadId } from 'node:worker_threads';
import { chunkAt, recordAt } from './items.mjs';
import { countNodes, countPrimes, digestPart } from './work.mjs';

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

export function primes(limit) {
  offMain();
  return countPrimes(limit);
}

export function digest(path, offset, length) {
  offMain();
  return digestPart(path, offset, length);
}

export function nodes(path) {
  offMain();
  return countNodes(path);
}

export function where() {
  return threadId;
}

export function* numbers(count) {
  offMain();
  for (let i = 0; i < count; i += 1) yield i;
}

export function* records(count) {
  offMain();
  for (let i = 0; i < count; i += 1) yield recordAt(i);
}

export function* chunks(count) {
  offMain();
  for (let i = 0; i < count; i += 1) yield chunkAt(i);
}

/**
 * Yields its thread `count` times, then blocks until `gate[0]` is not 0, but no longer than `time` milliseconds; then
 * `gate[1]` is 1.
 */
export function* blocking(count, gate, time) {
  offMain();
  for (let i = 0; i < count; i += 1) yield threadId;
  Atomics.wait(gate, 0, 0, time);
  Atomics.store(gate, 1, 1);
}

function offMain() {
  if (isMainThread) throw new Error('The work ran on main');
}
