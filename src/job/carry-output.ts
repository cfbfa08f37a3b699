/** Sends the output of a thread over its lane: in order with its results, and at once, so that none is lost. @module */

import { Console } from 'node:console';
import type { Writable } from 'node:stream';
import { isMuted } from '../address/trap/guards.ts';
import { isDeno } from '../base/runtime.ts';

/** Receives a chunk that was printed to stdout (`1`) or stderr (`2`). */
export type Print = (stream: 1 | 2, chunk: string | Uint8Array) => void;

interface Piece {
  readonly chunk: string | Uint8Array;
  readonly encoding: BufferEncoding | 'buffer';
}

/**
 * Passes all writes of this thread to `process.stdout` and `process.stderr` to `print`, before `write` returns. Node.js
 * itself buffers all but the first write until the thread's event loop turns, and loses them if it never does.
 */
export function carryOutput(print: Print): void {
  const redirect = (stream: Writable, id: 1 | 2): void => {
    stream._writev = (pieces: Piece[], done) => {
      // The program has already printed what its own file prints while it is loaded in a thread.
      for (const { chunk, encoding } of isMuted() ? [] : pieces)
        print(id, isText(encoding) ? chunk : bytes(chunk, encoding));
      done();
    };
    if (isDeno) throughStream(stream);
  };
  redirect(process.stdout, 1);
  redirect(process.stderr, 2);
  if (isDeno) throughConsole();
}

/** Deno writes a single piece by `_write`, and its streams have a `write` of their own, which prints by itself. */
function throughStream(stream: Writable): void {
  stream._write = (chunk: Piece['chunk'], encoding, done) => stream._writev?.([{ chunk, encoding }], done);
  Reflect.deleteProperty(stream, 'write');
  // Texts stay texts, as in a thread of Node.js.
  Object.assign((stream as unknown as { _writableState: object })._writableState, { decodeStrings: false });
}

/** The console of Deno prints past `process.stdout`; this one does not. */
function throughConsole(): void {
  const made = new Console(process.stdout, process.stderr);
  for (const [name, method] of Object.entries(console) as [keyof Console, unknown][]) {
    const { [name]: other } = made as unknown as Record<string, unknown>;
    if (typeof method === 'function' && typeof other === 'function')
      Object.assign(console, { [name]: (...args: unknown[]): unknown => other.apply(made, args) as unknown });
  }
}

function isText(encoding: Piece['encoding']): boolean {
  return encoding === 'utf8' || encoding === 'utf-8' || encoding === 'buffer';
}

function bytes(chunk: string | Uint8Array, encoding: Piece['encoding']): string | Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
}
