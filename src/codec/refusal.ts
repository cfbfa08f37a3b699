/** The error for what cannot cross, with the path at which it stands. @module */

import { OffloopError } from '../errors.ts';
import { at, kindOf } from './path.ts';

/** Refuses the value at `path`. */
export function refuse(path: string, value: unknown, cause?: unknown): OffloopError {
  const text = `Cannot send ${path} to another thread: ${kindOf(value)} cannot be cloned${hint(value)}`;
  return new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, cause === undefined ? undefined : { cause });
}

/** Finds what structured clone refused, by trying the parts of `values`, which stand below `root`. */
export function explain(values: readonly unknown[], cause: unknown, root: string): OffloopError {
  const isResult = root === 'result';
  for (const [index, value] of values.entries()) {
    const found = culprit(value, isResult ? root : at(root, index), new Set());
    if (found) return refuse(found.path, found.value, cause);
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', `Cannot send ${root} to another thread: ${message}`, { cause });
}

interface Culprit {
  readonly path: string;
  readonly value: unknown;
}

function culprit(value: unknown, path: string, seen: Set<unknown>): Culprit | undefined {
  if (seen.has(value) || isCloneable(value)) return undefined;
  seen.add(value);
  if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      const found = culprit(part, at(path, Array.isArray(value) ? Number(key) : key), seen);
      if (found) return found;
    }
  }
  return { path, value };
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function hint(value: unknown): string {
  if (typeof value === 'function') return '. Functions cross as arguments, inside plain objects, arrays, maps and sets';
  if (value instanceof Promise) return '. Await it first';
  return '';
}
