/** Recognises modules of Turbopack's development server, which replaces modules one by one after edits. @module */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { URL } from 'node:url';
import type { Frame } from '../frame.ts';
import { pathOf } from '../file-url.ts';
import { inspecting } from '../scopes.ts';
import { factoriesOf } from './factories.ts';
import type { Factories } from './factories.ts';
import { runtimeName } from './spec.ts';
import type { HotPlace } from './spec.ts';

/** A module that runs here, and all that its runtime has. */
export interface HotModule extends HotPlace {
  /** The functions of all modules, as they are now; `undefined` if the runtime does not show them. */
  readonly factories: Factories | undefined;
}

/** The module in which a call stands. */
export interface HotCall extends HotModule {
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
    const top = !outer || outer.getFileName()?.endsWith(runtimeName) === true;
    if (top || !first) first = { ...place, depth, top, factories: factoriesOf(place.runtime) };
    if (top) break;
  }
  return first;
}

function placeOf(frame: Frame): HotPlace | undefined {
  const file = frame.getFileName();
  if (file && isAbsolute(file)) return placeIn(file, frame);
  // An edited module is run by an `eval`, with the URL of its chunk and its id as name; so are all in other threads.
  const name = file ?? (frame.isEval() ? (frame.getScriptNameOrSourceURL?.() ?? '') : '');
  if (!name.startsWith('file:') || !name.includes('?id=')) return undefined;
  const id = new URL(name).searchParams.get('id') ?? undefined;
  const chunk = pathOf(name);
  const runtime = chunk === undefined ? undefined : runtimeOf(chunk);
  return chunk === undefined || runtime === undefined ? undefined : { chunk, id, runtime };
}

/** The path of the runtime that has run the chunk: in its folder, or above. */
function runtimeOf(chunk: string): string | undefined {
  for (let folder = dirname(chunk); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, runtimeName);
    if (existsSync(path)) return path;
  }
  return undefined;
}

/** A module of a chunk, and where its function begins, from 0. */
interface Start {
  readonly id: string;
  readonly line: number;
  readonly column: number;
}

/** By the hashes of the texts: chunks are loaded anew after some edits, but older texts still run. */
const starts = new Map<string, readonly Start[]>();

/** The place of `frame`, without an id if the text that it is code of is not the one that was loaded last. */
function placeIn(chunk: string, frame: Frame): HotPlace | undefined {
  const runtime = chunk.endsWith(runtimeName) ? undefined : runtimeOf(chunk);
  if (runtime === undefined) return undefined;
  const hash = frame.getScriptHash?.() ?? '';
  let known = starts.get(hash);
  // The file may have been written again since; what was loaded of it is in the cache of `require`.
  if (!known) starts.set(hash, (known = startsIn(createRequire(import.meta.url).cache[chunk]?.exports)));
  const line = (frame.getLineNumber() ?? 1) - 1;
  const column = (frame.getColumnNumber() ?? 1) - 1;
  const start = known.findLast((it) => it.line < line || (it.line === line && it.column <= column));
  return { chunk, id: start?.id, runtime };
}

/** The modules of a chunk, which is a list: ids, the function of the module with these ids, and so on. */
function startsIn(chunk: unknown): Start[] {
  if (!Array.isArray(chunk)) return [];
  const found = inspecting(({ locationOf }) => {
    let id: string | undefined;
    return (chunk as unknown[]).flatMap((item): Start | [] => {
      const named = id;
      id = typeof item === 'function' ? undefined : (named ?? String(item));
      const location = typeof item === 'function' ? locationOf(item) : undefined;
      return named === undefined || !location ? [] : { id: named, ...location };
    });
  });
  return found ?? [];
}
