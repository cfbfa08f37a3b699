/** Classifies the targets of file functions: output, standard input, or a file. @module */

import { constants } from 'node:fs';
import { URL } from 'node:url';

/** The stream of the process that a path or file descriptor stands for, if any. */
export function streamOf(target: unknown): 'input' | 'output' | undefined {
  if (typeof target === 'number') return target === 0 ? 'input' : target < 3 ? 'output' : undefined;
  const text = target instanceof URL ? target.pathname : target;
  if (typeof text !== 'string') return undefined;
  const [, name] = /^\/(?:dev|proc\/self)\/(?:fd\/)?(stdin|stdout|stderr|[012])$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return name === 'stdin' || name === '0' ? 'input' : 'output';
}

/** Whether `flags` open a file for reading only. */
export function isReading(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & changing) === 0;
  return typeof flags !== 'string' || /^(?:r|rs|sr)$/.test(flags);
}

const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = constants;
const changing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

/** How many bytes the arguments of `fs.write` or `fs.writeSync` would write. */
export function lengthOf([, data, offset, length]: readonly unknown[]): number {
  if (!ArrayBuffer.isView(data)) {
    return Buffer.byteLength(String(data), typeof length === 'string' ? (length as BufferEncoding) : undefined);
  }
  const isNamed = typeof offset === 'object' && offset !== null;
  const { offset: from = 0, length: count } = isNamed
    ? (offset as { offset?: number; length?: number })
    : { offset: typeof offset === 'number' ? offset : 0, length };
  return typeof count === 'number' ? count : data.byteLength - from;
}

/** How many bytes the buffers of `fs.writev` have. */
export function totalOf([, buffers]: readonly unknown[]): number {
  return (buffers as readonly ArrayBufferView[]).reduce((sum, { byteLength }) => sum + byteLength, 0);
}
