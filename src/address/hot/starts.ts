/** Tells which module of one of Turbopack's chunks a frame is code of. @module */

import { createRequire } from 'node:module';
import { textOfFile } from '../bundle/frames.ts';
import type { Frame } from '../frame.ts';
import { inspecting } from '../scopes/scopes.ts';

/** A module of a chunk, and where its function begins, from 0. */
interface Start {
  readonly id: string;
  readonly line: number;
  readonly column: number;
}

/** By the hashes of the texts: chunks are loaded anew after some edits, but older texts still run. */
const starts = new Map<string, readonly Start[]>();

/** The id of the module in `chunk`; `undefined` if the frame's text is not the one that was loaded last. */
export function idAt(chunk: string, frame: Frame): string | undefined {
  const hash = frame.getScriptHash?.() ?? '';
  let known = starts.get(hash);
  if (!known) starts.set(hash, (known = startsIn(chunk, hash)));
  const line = (frame.getLineNumber() ?? 1) - 1;
  const column = (frame.getColumnNumber() ?? 1) - 1;
  return known.findLast((it) => it.line < line || (it.line === line && it.column <= column))?.id;
}

/**
 * The modules of a chunk, which is a list: ids, the function of the module with these ids, and so on. None if it was not
 * made of the text with the given hash.
 */
function startsIn(chunk: string, hash: string): Start[] {
  // The file may have been written again since; what was loaded of it is in the cache of `require`.
  const list: unknown = createRequire(import.meta.url).cache[chunk]?.exports;
  if (!Array.isArray(list)) return [];
  const found = inspecting(({ locationOf, hashOf }) => {
    let id: string | undefined;
    const all = (list as unknown[]).flatMap((item): (Start & { readonly fn: Function }) | [] => {
      const named = id;
      id = typeof item === 'function' ? undefined : (named ?? String(item));
      const location = typeof item === 'function' ? locationOf(item) : undefined;
      return named === undefined || !location ? [] : { id: named, fn: item as Function, ...location };
    });
    // To ask the inspector for the hash takes tens of milliseconds; mostly the file has not changed since.
    const [first] = all;
    return first && (isMadeOf(all, textOfFile(chunk), hash) || hashOf(first.fn) === hash) ? all : [];
  });
  return found ?? [];
}

/** Whether `text` has the hash, and the text of each function where that begins. */
function isMadeOf(
  all: readonly (Start & { readonly fn: Function })[],
  text: string | undefined,
  hash: string,
): boolean {
  if (text === undefined) return false;
  // Loaded on demand: most programs need it for nothing.
  const { createHash } = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto');
  if (createHash('sha256').update(text).digest('hex') !== hash) return false;
  const lines = text.split('\n');
  return all.every(({ fn, line, column }) => {
    const [head = ''] = Function.prototype.toString.call(fn).split('\n');
    return lines[line]?.startsWith(head, column) === true;
  });
}
