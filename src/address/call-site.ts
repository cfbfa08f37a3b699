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

// The floor's types do not know these methods, which all supported versions of Node.js have.
type Frame = NodeJS.CallSite & {
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
  const frames = runningOnly(framesAbove(above, depth));
  const caller = frames[0];
  const index = frames.findIndex((frame) => isModuleCode(frame) && moduleOf(frame.getFileName()));
  const evaluating = frames[index];
  // For a class's static fields V8 has no position in the module's code, but whatever ran before.
  const inClass = frames[index - 1]?.getFunctionName() === '<static_initializer>' ? frames[index - 1] : undefined;
  const frame = evaluating ?? caller;
  const inner = evaluating ? frames.slice(0, index) : frames;
  return {
    module: moduleOf(frame?.getFileName()),
    top: evaluating !== undefined,
    inside: !caller || isModuleCode(caller) ? undefined : nameOf(caller),
    around: inner.map(nameOf),
    place: [...inner, inClass ?? evaluating].map(positionOf).join(' < '),
    at: caller ? `${caller.getFileName() ?? 'eval'}:${caller.getLineNumber()}:${caller.getColumnNumber()}` : 'unknown',
    position: (inClass ?? evaluating)?.getPosition?.(),
    script: evaluating?.getScriptHash?.(),
  };
}

const nameOf = (frame: Frame): string => frame.getFunctionName() ?? 'a function';

const positionOf = (frame: Frame | undefined): number | undefined => frame?.getPosition?.();

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
  return framesAbove(above, Infinity).some((frame) => isModuleCode(frame) && frame.isAsync?.());
}

function framesAbove(above: Function, depth: number): Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = depth;
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

/** Below an `async` frame stands who awaits, which may be a module that is still being evaluated; it does not run. */
function runningOnly(frames: Frame[]): Frame[] {
  const awaiting = frames.findIndex((frame) => frame.isAsync?.());
  return awaiting < 0 ? frames : frames.slice(0, awaiting);
}

/** Module code is anonymous, and its enclosing function starts where the file does (also CommonJS and vite wrappers). */
function isModuleCode(frame: Frame): boolean {
  const name = frame.getFunctionName();
  if (name !== null && name !== 'Object.<anonymous>') return false;
  return frame.getEnclosingLineNumber?.() === 1 && !((frame.getEnclosingColumnNumber?.() ?? 0) > 1);
}
