/** Finds the transfer list for values that are posted once more. @module */

import { MessagePort } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';

/** The buffers, ports and streams in `values`, which arrived in a message, so that no other code uses them. */
export function movingParts(values: unknown): Transferable[] {
  // Classes that can only be transferred, or whose transfer costs less than a copy. Naming web streams here, and not at
  // the top level, delays their loading by Node.js until they are needed.
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
