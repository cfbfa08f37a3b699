/** What a thread prints goes up its lane: in order with its results, and at once, so that no end of it loses any. @module */

import type { Writable } from 'node:stream';
import { isMuted } from '../address/trap/guards.ts';

/** Takes what was printed to stdout (`1`) or stderr (`2`). */
export type Print = (stream: 1 | 2, chunk: string | Uint8Array) => void;

interface Piece {
  readonly chunk: string | Uint8Array;
  readonly encoding: BufferEncoding | 'buffer';
}

/**
 * Gives what this thread writes to `process.stdout` and `process.stderr` to `print`, before `write` returns. Node's own
 * way keeps all but the first write until the thread's loop turns, and loses them if it never does.
 */
export function carryOutput(print: Print): void {
  const redirect = (stream: Writable, id: 1 | 2): void => {
    stream._writev = (pieces: Piece[], done) => {
      // What a view prints while it is loaded, the program has printed itself.
      for (const { chunk, encoding } of isMuted() ? [] : pieces)
        print(id, isText(encoding) ? chunk : bytes(chunk, encoding));
      done();
    };
  };
  redirect(process.stdout, 1);
  redirect(process.stderr, 2);
}

function isText(encoding: Piece['encoding']): boolean {
  return encoding === 'utf8' || encoding === 'utf-8' || encoding === 'buffer';
}

function bytes(chunk: string | Uint8Array, encoding: Piece['encoding']): string | Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
}
