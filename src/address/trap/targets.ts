/** What calls of file functions are about: output, standard input, or a file that they change. @module */

import { constants } from 'node:fs';
import { URL } from 'node:url';

/** What a path or a file descriptor stands for, if it is one of the process's own streams. */
export function streamOf(target: unknown): 'input' | 'output' | undefined {
  if (typeof target === 'number') return target === 0 ? 'input' : target < 3 ? 'output' : undefined;
  const text = target instanceof URL ? target.pathname : target;
  if (typeof text !== 'string') return undefined;
  const [, name] = /^\/(?:dev|proc\/self)\/(?:fd\/)?(stdin|stdout|stderr|[012])$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return name === 'stdin' || name === '0' ? 'input' : 'output';
}

/** Whether a file is opened with `flags` to read it only. */
export function isReading(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & changing) === 0;
  return typeof flags !== 'string' || /^(?:r|rs|sr)$/.test(flags);
}

const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = constants;
const changing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

/** How many bytes the arguments of `fs.write` and `fs.writeSync` are. */
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

/** How many bytes the buffers of `fs.writev` are. */
export function totalOf([, buffers]: readonly unknown[]): number {
  return (buffers as readonly ArrayBufferView[]).reduce((sum, { byteLength }) => sum + byteLength, 0);
}
