/** Finds the module that calls the library, by V8 call sites, never by parsing stack strings. @module */

import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isOtherRuntime } from '../base/runtime.ts';
import type { ModuleFormat } from './address.ts';
import { pathOf } from './file-url.ts';
import { bundleFrames } from './bundle/frames.ts';
import type { BundleFrame } from './bundle/spec.ts';
import type { Frame } from './frame.ts';
import { hotCall } from './hot/call.ts';
import type { HotCall } from './hot/module.ts';
import { evaluatedModule, isServedPath, servedUrl } from './served/server.ts';

export type { Frame } from './frame.ts';

/** The module of a call. */
export interface CallModule {
  readonly url: string;
  readonly format: ModuleFormat;

  /** The id under which a development server has the module, if it gives threads its text. */
  readonly served?: string | undefined;

  /** Where a development server that replaces modules one by one has the module. */
  readonly hot?: HotCall | undefined;
}

/** The place of a call to the library. */
export interface CallSite {
  /** The module that was being evaluated, or that made the call; `undefined` in `node -e`, a REPL or an `eval`. */
  readonly module: CallModule | undefined;

  /** Whether the module was being evaluated; the call itself may stand in helpers and factories of other modules. */
  readonly top: boolean;

  /** The name of the function that made the call, if the call was not at top level. */
  readonly inside: string | undefined;

  /** The functions between the call and module code, innermost first; all functions, if there is no module code. */
  readonly around: readonly string[];

  /** `file:line:column` of the call. */
  readonly at: string;

  /** Positions, in the texts that run here, of the call and of the calls that led to it, up to module code. */
  readonly place: string;

  /** Character offset, in the text that runs here, of the call in module code; `undefined` if unknown. */
  readonly position: number | undefined;

  /** Hash of the whole text that runs here, if V8 provides it. */
  readonly script: string | undefined;

  /** The places of the call and its callers, innermost first; none if the call stands at the top level of a file. */
  readonly frames: readonly BundleFrame[];
}

/** Deep enough for decorators and factories, cheap enough for a registration (a few microseconds). */
const depth = 32;

/** Finds the module on whose behalf `above` was called: the innermost frame that is module code. */
export function callSite(above: Function): CallSite {
  const all = stackAbove(above, depth);
  const frames = runningOnly(all);
  const hot = hotCall(frames);
  if (hot) return hotSite(frames, hot);
  const caller = frames[0];
  const index = frames.findIndex(isEvaluating);
  const evaluating = frames[index];
  const frame = evaluating ?? caller;
  const places = index === 0 ? [] : bundleFrames(frames);
  const inner = evaluating ? frames.slice(0, index) : frames;
  const isByJiti = (evaluating ? inner : all).some((it) => jiti.test(it.getFileName() ?? ''));
  return {
    module: isByJiti
      ? undefined
      : frame && (moduleAt(frame) ?? (frame.isEval() ? moduleOf(places[0]?.file) : undefined)),
    top: evaluating !== undefined && !isByJiti,
    inside: !caller || isModuleCode(caller) ? undefined : nameOf(caller),
    around: inner.map(nameOf),
    place: [...inner, placed(frames, index)].map(positionOf).join(' < '),
    at: atOf(caller) + (isByJiti ? byJiti : ''),
    position: placed(frames, index)?.getPosition?.(),
    script: evaluating?.getScriptHash?.(),
    frames: places,
  };
}

/** The file of jiti that evaluates modules, in functions of its own. */
const jiti = /[\\/]jiti[\\/]dist[\\/]jiti\.[cm]?js$/;

/** Added to the place of a call in a module that jiti is evaluating. */
export const byJiti = ', evaluated by jiti';

/** A call in a module of a development server that replaces modules one by one. */
function hotSite(frames: readonly Frame[], hot: HotCall): CallSite {
  const { url, depth, top } = hot;
  const inner = frames.slice(0, top ? depth : undefined);
  const script = frames[depth]?.getScriptHash?.();
  return {
    module: { url, format: 'module', hot },
    top,
    inside: top && depth === 0 ? undefined : nameOf(frames[0] as Frame),
    around: inner.map(nameOf),
    at: atOf(frames[0]),
    place: frames
      .slice(0, depth + 1)
      .map(positionOf)
      .join(' < '),
    position: undefined,
    script,
    frames: [],
  };
}

const atOf = (caller: Frame | undefined): string =>
  caller
    ? `${caller.getFileName() ?? evalName(caller)}:${caller.getLineNumber()}:${caller.getColumnNumber()}`
    : 'unknown';

/** The name of the text that an `eval` runs, if it has one. */
const evalName = (frame: Frame): string => (frame.isEval() && frame.getScriptNameOrSourceURL?.()) || 'eval';

const nameOf = (frame: Frame): string => frame.getFunctionName() ?? 'a function';

/** Bun and Deno tell lines and columns only. */
const positionOf = (frame: Frame | undefined): number | string | undefined =>
  frame && (frame.getPosition?.() ?? `${frame.getLineNumber()}:${frame.getColumnNumber()}`);
/** Whether `frame` is code of a module that is being evaluated. */
export function isEvaluating(frame: Frame): boolean {
  return isModuleCode(frame) && moduleAt(frame) !== undefined;
}

/**
 * The frame with the position of what runs in the module code at `index`. While a class's static fields run, V8 gives
 * module code the position of whatever ran before, so the frame of the static initializer is used.
 */
export function placed(frames: readonly Frame[], index: number): Frame | undefined {
  const inner = frames[index - 1];
  return inner?.getFunctionName() === '<static_initializer>' ? inner : frames[index];
}

/** Node.js has paths in frames of CommonJS alone; Bun and Deno have them in all frames, and import all modules alike. */
const formatOfPaths: ModuleFormat = isOtherRuntime ? 'module' : 'commonjs';

/** The module of which `frame` is code, if a thread can load it. */
function moduleAt(frame: Frame): CallSite['module'] {
  const file = frame.getFileName();
  const served = file ? (isServedPath(file) ? file : undefined) : evaluatedModule(frame);
  return served === undefined ? moduleOf(file) : { url: servedUrl(served), format: 'module', served };
}

/** The module of a stack frame's file name, if a thread can load it. */
function moduleOf(file: string | null | undefined): CallSite['module'] {
  if (!file) return undefined;
  // `--input-type=module -e` runs as file:///the/cwd/[eval1].
  if (file.startsWith('file:')) return /\/\[eval\d*\]$/.test(file) ? undefined : { url: file, format: 'module' };
  if (isAbsolute(file)) return { url: pathToFileURL(file).href, format: formatOfPaths };
  if (/^(data|https?):/.test(file)) return { url: file, format: 'module' };
  return undefined;
}

/** Whether the top level of a module awaits an async function that called `above` after an `await` of its own. */
export function isAwaitedByModule(above: Function): boolean {
  return stackAbove(above, Infinity).some((frame) => isModuleCode(frame) && frame.isAsync?.());
}

/**
 * The frames from the caller of `above` on, innermost first, at most `limit`; async frames, which await the call,
 * included.
 */
export function stackAbove(above: Function, limit: number): Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, above);
    let frames = framesOf(holder);
    if (frames.length === 0) {
      // JavaScriptCore, which Bun has, leaves out frames of calls at the end of functions, so `above` may have none.
      Error.captureStackTrace(holder);
      frames = framesOf(holder);
      frames = frames.slice(frames.findIndex((frame) => !isOwn(frame)));
    }
    return frames;
  } catch {
    // With --frozen-intrinsics nothing can be assigned: no module is found, and the option `module` is needed.
    return [];
  } finally {
    try {
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // As above: there was nothing to restore.
    }
  }
}

function framesOf({ stack }: { readonly stack?: unknown }): Frame[] {
  const frames = Array.isArray(stack) ? (stack as Frame[]) : [];
  for (const [i, frame] of frames.entries()) if (isBase(frame, frames[i + 1])) bases.add(frame);
  return frames;
}

const isBase = (frame: Frame, caller: Frame | undefined): boolean =>
  frame.getEnclosingLineNumber === undefined &&
  !frame.getFunctionName() &&
  (caller === undefined || isOfDeno(caller) || runners.has(caller.getFunctionName() ?? ''));

/** Frames of Deno's event loop, which calls callbacks, and goes on with modules that have awaited something. */
const isOfDeno = (frame: Frame): boolean => frame.getFileName()?.startsWith('ext:') === true;

/** The functions of Vite and vitest that run a module as a function. */
const runners: ReadonlySet<string> = new Set(['runInlinedModule', '_runInlinedModule']);

/**
 * Frames of runtimes that do not tell where a function begins, Bun and Deno: a function without a name from which
 * everything else was called. It is module code, or a callback of the runtime, which no thread finds.
 */
const bases = new WeakSet<Frame>();

const [ownFolder = ''] = /^.*\/lib\/(?=src\/)/.exec(pathOf(import.meta.url) ?? '') ?? [];

const isOwn = (frame: Frame): boolean => {
  const file = frame.getFileName() ?? '';
  return file === '' || (ownFolder !== '' && (pathOf(file) ?? file).startsWith(ownFolder));
};

/** The frames in which `error` was made, innermost first; none if its stack was read before. */
export function stackOf(error: Error): Frame[] {
  const { prepareStackTrace } = Error;
  let frames: Frame[] = [];
  try {
    // V8 calls this when the stack is read for the first time, and keeps the result.
    Error.prepareStackTrace = (made, sites) => {
      frames = sites;
      return [String(made), ...sites.map(String)].join('\n    at ');
    };
    void error.stack;
  } catch {
    // --frozen-intrinsics, as above.
  } finally {
    try {
      Error.prepareStackTrace = prepareStackTrace;
    } catch {
      // As above.
    }
  }
  return frames;
}

/** Drops the `async` frames: they await, and do not run. A module that is still being evaluated may be among them. */
export function runningOnly(frames: Frame[]): Frame[] {
  const awaiting = frames.findIndex((frame) => frame.isAsync?.());
  return awaiting < 0 ? frames : frames.slice(0, awaiting);
}

/**
 * Whether `frame` is module code: anonymous, in a function that starts where the file does (also in CommonJS and vite).
 */
function isModuleCode(frame: Frame): boolean {
  if (frame.getEnclosingLineNumber === undefined) return bases.has(frame);
  const name = frame.getFunctionName();
  if (name === 'eval' && evaluatedModule(frame) !== undefined) return frame.getEnclosingLineNumber() === 1;
  if (name !== null && name !== 'Object.<anonymous>') return false;
  return frame.getEnclosingLineNumber?.() === 1 && !((frame.getEnclosingColumnNumber?.() ?? 0) > 1);
}
