/** Recognises modules of webpack in the development server of Next.js, which loads chunks anew after edits. @module */

import { createRequire } from 'node:module';
import { isRuntime } from '../bundle/loaded.ts';
import { scopeValue } from '../scopes/captures.ts';
import type { Frame } from '../frame.ts';
import { inspecting } from '../scopes/scopes.ts';
import { hotUrl, isOutermost } from './module.ts';
import type { HotCall, HotSource } from './module.ts';

/** What Next.js calls the files of webpack's runtime. */
const runtimeName = /[\\/]webpack(?:-api)?-runtime\.js$/;

/** The runtimes that this thread has loaded, and their paths; the cache of `require` forgets them after edits. */
const paths = new WeakMap<Function, string>();
let isHot = false;

/** Whether a development server that uses webpack runs modules in this thread. */
export { noteRuntimes as isServedByWebpack };

function noteRuntimes(): boolean {
  for (const [path, module] of Object.entries(createRequire(import.meta.url).cache)) {
    if (!module || !runtimeName.test(path) || !isRuntime(module.exports)) continue;
    paths.set(module.exports as unknown as Function, path);
    isHot = true;
  }
  return isHot;
}

let inspector: boolean | undefined;

/** Whether runtimes can be found: without an inspector threads run what the files have. */
const canInspect = (): boolean => (inspector ??= inspecting(() => true) ?? false);

/**
 * The innermost of the modules on the stack that is being evaluated, or, if none is, the module of the innermost code;
 * `undefined` if this is no such server.
 */
export function webpackCall(frames: readonly Frame[]): HotCall | undefined {
  let first: HotCall | undefined;
  for (const [depth, frame] of frames.entries()) {
    const id = idOf(frame);
    if (id === undefined) continue;
    if (!first && (!noteRuntimes() || !canInspect())) return undefined;
    const top = isTopLevel(frame, frames[depth + 1]);
    if (top || !first) first = { depth, top, url: hotUrl('webpack', id), keep: (fn) => ({ id, source: sourceOf(fn) }) };
    if (top) break;
  }
  return first;
}

const prefix = 'webpack-internal:///';

/** Each module is run by an `eval`, and named after its id. */
function idOf(frame: Frame): string | undefined {
  const name = frame.isEval() ? (frame.getScriptNameOrSourceURL?.() ?? '') : '';
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}

/** What stands before the function of a module that awaits: its text begins so. */
const heads = ['__webpack_require__.a(module, ', '__webpack_require__.a(__webpack_module__, '];

/** Whether the code at `frame` is the text of a module, or the function in which that awaits what it imports. */
function isTopLevel(frame: Frame, outer: Frame | undefined): boolean {
  // V8 calls every function without a name so that stands in a text of `eval`.
  if (frame.getFunctionName() !== 'eval' || frame.getEnclosingLineNumber?.() !== 1) return false;
  const column = frame.getEnclosingColumnNumber?.() ?? 0;
  const isByRuntime = isOutermost(outer) || runtimeName.test(outer?.getFileName() ?? '');
  return column <= 1 || (isByRuntime && heads.some((head) => column === head.length + 1));
}

/** The runtime whose `require` function the module of `fn` was given: `eval` has the variables around it. */
function sourceOf(fn: Function): HotSource | undefined {
  const require = scopeValue(fn, '__webpack_require__');
  const runtime = typeof require === 'function' ? paths.get(require) : undefined;
  if (runtime === undefined || !isRuntime(require)) return undefined;
  const factories = new Map(Object.entries(require.m as Readonly<Record<string, Function>>));
  // Chunks write down there with which module the program has begun.
  const helpers = Object.entries(require).flatMap(([name, it]) => (typeof it === 'function' ? name : []));
  return { kind: 'webpack', runtime, chunk: runtime, helpers, factories };
}
