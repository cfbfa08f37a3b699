/** Finds what has to move with values that are posted once more. @module */

import { MessagePort } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';

/** The buffers, ports and streams in `values`, which have arrived in a message: nobody else has them. */
export function movingParts(values: unknown): Transferable[] {
  // What can only move, or moves at less cost than it is copied. Node.js loads web streams when they are first named.
  const moving = [ArrayBuffer, MessagePort, ReadableStream, WritableStream, TransformStream];
  const found = new Set<object>();
  const seen = new Set<object>();
  const queue: unknown[] = [values];
  for (let value = queue.pop(); queue.length > 0 || value !== undefined; value = queue.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (moving.some((type) => value instanceof type)) found.add(value);
    else if (ArrayBuffer.isView(value)) queue.push(value.buffer);
    else if (value instanceof Map) queue.push(...value.keys(), ...value.values());
    else queue.push(...(value instanceof Set ? value : Object.values(value)));
  }
  return [...found] as Transferable[];
}
