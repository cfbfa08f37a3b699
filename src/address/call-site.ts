/** Which module is running: found by call sites, never by parsing stack strings. @module */

import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleFormat } from './address.ts';

/** Where a call to the library stands. */
export interface CallSite {
  /** The module that was being evaluated, or that made the call; `undefined` in `node -e`, a REPL or an `eval`. */
  readonly module: { readonly url: string; readonly format: ModuleFormat } | undefined;

  /** Whether the module was being evaluated, be it through helpers and factories of other modules. */
  readonly top: boolean;

  /** The function that made the call, if it was not module code: a factory, or code that no thread runs again. */
  readonly inside: string | undefined;

  /** The functions between the call and module code, innermost first; all of them, where there is no module code. */
  readonly around: readonly string[];

  /** `file:line:column` of the call. */
  readonly at: string;

  /** Positions of the call, in the texts that run here, and of all that led to it from module code on. */
  readonly place: string;

  /** Character offset, in the text that runs here, of the module code's own call; `undefined` if unknown. */
  readonly position: number | undefined;

  /** Hash of the whole text that runs here, where V8 tells it. */
  readonly script: string | undefined;
}

/** The floor's types do not know these methods, which all supported versions of Node.js have. */
export type Frame = NodeJS.CallSite & {
  getEnclosingLineNumber?(): number | null;
  getEnclosingColumnNumber?(): number | null;
  getPosition?(): number;
  getScriptHash?(): string;
  isAsync?(): boolean;
};

/** Deep enough for decorators and factories, cheap enough for a registration (a few microseconds). */
const depth = 32;

/** Finds the module on whose behalf `above` was called: the innermost frame that is module code. */
export function callSite(above: Function): CallSite {
  const frames = runningOnly(stackAbove(above, depth));
  const caller = frames[0];
  const index = frames.findIndex(isEvaluating);
  const evaluating = frames[index];
  const frame = evaluating ?? caller;
  const inner = evaluating ? frames.slice(0, index) : frames;
  return {
    module: moduleOf(frame?.getFileName()),
    top: evaluating !== undefined,
    inside: !caller || isModuleCode(caller) ? undefined : nameOf(caller),
    around: inner.map(nameOf),
    place: [...inner, placed(frames, index)].map(positionOf).join(' < '),
    at: caller ? `${caller.getFileName() ?? 'eval'}:${caller.getLineNumber()}:${caller.getColumnNumber()}` : 'unknown',
    position: placed(frames, index)?.getPosition?.(),
    script: evaluating?.getScriptHash?.(),
  };
}

const nameOf = (frame: Frame): string => frame.getFunctionName() ?? 'a function';

const positionOf = (frame: Frame | undefined): number | undefined => frame?.getPosition?.();
/** Whether `frame` is code of a module that is being evaluated. */
export function isEvaluating(frame: Frame): boolean {
  return isModuleCode(frame) && moduleOf(frame.getFileName()) !== undefined;
}

/**
 * The frame that has the position of what runs in the module code at `index`: for a class's static fields V8 has none
 * there, but that of whatever ran before.
 */
export function placed(frames: readonly Frame[], index: number): Frame | undefined {
  const inner = frames[index - 1];
  return inner?.getFunctionName() === '<static_initializer>' ? inner : frames[index];
}

/** The module of a stack frame's file name, if a thread can load it. */
function moduleOf(file: string | null | undefined): CallSite['module'] {
  if (!file) return undefined;
  // `--input-type=module -e` runs as file:///the/cwd/[eval1].
  if (file.startsWith('file:')) return /\/\[eval\d*\]$/.test(file) ? undefined : { url: file, format: 'module' };
  if (isAbsolute(file)) return { url: pathToFileURL(file).href, format: 'commonjs' };
  if (/^(data|https?):/.test(file)) return { url: file, format: 'module' };
  return undefined;
}

/** Whether the top level of a module awaits what `above` is to give: an async function that runs, after an `await`. */
export function isAwaitedByModule(above: Function): boolean {
  return stackAbove(above, Infinity).some((frame) => isModuleCode(frame) && frame.isAsync?.());
}

/** The frames from the caller of `above` on, innermost first: at most `limit` of them, those that await it among them. */
export function stackAbove(above: Function, limit: number): Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, above);
    const frames = holder.stack;
    return Array.isArray(frames) ? (frames as Frame[]) : [];
  } catch {
    // --frozen-intrinsics: nothing can be assigned, and `module` has to be given.
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

/** The frames in which `error` was made, innermost first; none if somebody has read its stack before. */
export function stackOf(error: Error): Frame[] {
  const { prepareStackTrace } = Error;
  let frames: Frame[] = [];
  try {
    // V8 asks when the stack is first read, and keeps what it is given.
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

/** Below an `async` frame stands who awaits, which may be a module that is still being evaluated; it does not run. */
export function runningOnly(frames: Frame[]): Frame[] {
  const awaiting = frames.findIndex((frame) => frame.isAsync?.());
  return awaiting < 0 ? frames : frames.slice(0, awaiting);
}

/** Module code is anonymous, and its enclosing function starts where the file does (also CommonJS and vite wrappers). */
function isModuleCode(frame: Frame): boolean {
  const name = frame.getFunctionName();
  if (name !== null && name !== 'Object.<anonymous>') return false;
  return frame.getEnclosingLineNumber?.() === 1 && !((frame.getEnclosingColumnNumber?.() ?? 0) > 1);
}
