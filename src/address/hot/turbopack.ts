/** Recognises modules of Turbopack's development server, which replaces modules one by one after edits. @module */

import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { URL } from 'node:url';
import type { Frame } from '../frame.ts';
import { pathOf } from '../file-url.ts';
import { runtimeName } from '../bundle/spec.ts';
import { factoriesOf } from './factories.ts';
import { hotUrl, isOutermost } from './module.ts';
import type { HotCall } from './module.ts';
import { idAt } from './starts.ts';

/** A module, and where it stands. */
interface Place {
  /** `undefined` if the chunk was loaded anew since, and has other modules now. */
  readonly id: string | undefined;

  /** The path of a chunk that has the module. */
  readonly chunk: string;

  /** The path of the runtime that runs it. */
  readonly runtime: string;
}

/** Whether this thread runs such modules: a global variable of the development server's runtime. */
const isHot = (): boolean => '__turbopack_server_hmr_handlers__' in globalThis;

/**
 * The innermost of the modules on the stack that is being evaluated, or, if none is, the module of the innermost code;
 * `undefined` if this is no development server.
 */
export function turbopackCall(frames: readonly Frame[]): HotCall | undefined {
  if (!isHot()) return undefined;
  let first: HotCall | undefined;
  for (const [depth, frame] of frames.entries()) {
    const place = placeOf(frame);
    if (!place) continue;
    const outer = frames[depth + 1];
    const top = isOutermost(outer) || outer?.getFileName()?.endsWith(runtimeName) === true;
    if (top || !first) first = callIn(place, frame, { depth, top });
    if (top) break;
  }
  return first;
}

function callIn({ id, chunk, runtime }: Place, frame: Frame, call: Pick<HotCall, 'depth' | 'top'>): HotCall {
  return {
    ...call,
    url: hotUrl('Turbopack', id ?? frame.getScriptHash?.() ?? ''),
    keep: () => {
      const modules = factoriesOf(runtime);
      const factories = modules && new Map(modules);
      return { id, source: { kind: 'Turbopack', chunk, runtime, helpers: [], factories } };
    },
  };
}

function placeOf(frame: Frame): Place | undefined {
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

function placeIn(chunk: string, frame: Frame): Place | undefined {
  const runtime = chunk.endsWith(runtimeName) ? undefined : runtimeOf(chunk);
  return runtime === undefined ? undefined : { id: idAt(chunk, frame), chunk, runtime };
}
