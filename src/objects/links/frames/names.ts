/** The names of members, as bytes. @module */

import { OffloopError } from '../../../base/errors.ts';

/** The most bytes of a name. */
export const mostName = 1024;

/** How many names are kept: a program calls the same ones again and again. */
const mostKept = 1000;

const kept = new Map<string, Uint8Array>();

/** @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if the name is longer than any. */
export function nameBytes(name: string): Uint8Array {
  return kept.get(name) ?? makeBytes(name);
}

function makeBytes(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  if (bytes.length > mostName)
    throw new OffloopError(
      'ERR_OFFLOOP_NOT_FOUND',
      `Cannot reach a member of a peer: its name has ${bytes.length} bytes`,
    );
  if (kept.size < mostKept) kept.set(name, bytes);
  return bytes;
}

/** The name that was read last, and its bytes: calls of one name follow each other. */
let last: { readonly name: string; readonly bytes: Uint8Array } | undefined;

/** A longer name is not compared. */
const short = 32;

/** The name in `bytes`. */
export function nameAt(bytes: Uint8Array, from: number, to: number): string {
  if (last?.bytes.length === to - from) {
    const known = last.bytes;
    let at = 0;
    while (at < known.length && known[at] === bytes[from + at]) at += 1;
    if (at === known.length) return last.name;
  }
  const name = textAt(bytes, from, to);
  last = to - from <= short ? { name, bytes: Uint8Array.from(bytes.subarray(from, to)) } : undefined;
  return name;
}

function textAt(bytes: Uint8Array, from: number, to: number): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('utf8', from, to);
}
