/** Recognises modules of Turbopack's development server, which replaces modules one by one after edits. @module */

import { isAbsolute } from 'node:path';
import { URL } from 'node:url';
import type { Frame } from '../frame.ts';
import { pathOf } from '../file-url.ts';
import { textOfFile } from './frames.ts';
import { runtimeName } from './spec.ts';
import type { HotPlace } from './spec.ts';

/** The module in which a call stands. */
export interface HotCall extends HotPlace {
  /** How many frames are of code that the module has called; the next one is the module itself. */
  readonly depth: number;

  /** Whether the module was being evaluated. */
  readonly top: boolean;
}

/** Whether this thread runs such modules: a global variable of the development server's runtime. */
const isHot = (): boolean => '__turbopack_server_hmr_handlers__' in globalThis;

/**
 * The innermost of the modules on the stack that is being evaluated, or, if none is, the module of the innermost code;
 * `undefined` if this is no development server.
 */
export function hotCall(frames: readonly Frame[]): HotCall | undefined {
  if (!isHot()) return undefined;
  let first: HotCall | undefined;
  for (const [depth, frame] of frames.entries()) {
    const place = placeOf(frame);
    if (!place) continue;
    const outer = frames[depth + 1];
    // After an `await` at the top level of a module there is nothing around it.
    if (!outer || outer.getFileName()?.endsWith(runtimeName)) return { ...place, depth, top: true };
    first ??= { ...place, depth, top: false };
  }
  return first;
}

function placeOf(frame: Frame): HotPlace | undefined {
  const file = frame.getFileName();
  if (file) return isAbsolute(file) && !file.endsWith(runtimeName) ? placeIn(file, frame) : undefined;
  // An edited module is run by an `eval`, with the URL of its chunk and its id as name.
  const name = frame.isEval() ? (frame.getScriptNameOrSourceURL?.() ?? '') : '';
  if (!name.startsWith('file:') || !name.includes('?id=')) return undefined;
  const id = new URL(name).searchParams.get('id');
  const chunk = pathOf(name);
  return id === null || chunk === undefined ? undefined : { chunk, id };
}

/** A module of a chunk, and where its function begins. */
type Start = readonly [position: number, id: string];

/** By the hashes of the texts: the files are written again after edits, but older texts still run. */
const starts = new Map<string, readonly Start[]>();

function placeIn(chunk: string, frame: Frame): HotPlace | undefined {
  const hash = frame.getScriptHash?.() ?? '';
  const position = frame.getPosition?.() ?? -1;
  if (!starts.has(hash)) {
    const text = textOfFile(chunk);
    if (text === undefined || digestOf(text) !== hash) return undefined;
    starts.set(hash, startsIn(text));
  }
  const start = starts.get(hash)?.findLast(([at]) => at <= position);
  return start && { chunk, id: start[1] };
}

/** The modules of a chunk, which is not minified: each begins a line with its id and the head of its function. */
function startsIn(text: string): Start[] {
  if (!/^(?:\/\/[^\n]*\n|\s)*module\.exports\s*=\s*\[/.test(text)) return [];
  const heads = text.matchAll(
    /^("(?:[^"\\\n]|\\.)+"), (?:"(?:[^"\\\n]|\\.)+", )*\(+(?:async )?\(?__turbopack_context__/gm,
  );
  return [...heads].map(({ index, 1: id = '""' }) => [index, JSON.parse(id) as string]);
}

/** Loads what it needs when a development server is there: each start of a process and of a thread would pay for it. */
function digestOf(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(text).digest('hex');
}
