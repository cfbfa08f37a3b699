/** Loads, in a worker thread, the modules of the functions that the thread is to run. @module */

import { createRequire } from 'node:module';
import { setImmediate } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { threadState } from '../../base/realm.ts';
import { isOtherRuntime } from '../../base/runtime.ts';
import type { ModuleSpec } from '../address.ts';
import { reentry } from '../find/explain.ts';
import { pathOf, realUrl, shortName, withQuery } from '../file-url.ts';
import { importLibrary } from '../own-files.ts';
import { recordOf } from '../registry.ts';
import type { ModuleRecord } from '../registry.ts';
import { blame, isTrappedCall } from '../trap/guards.ts';
import { noteEvaluation } from './traps.ts';
import { loadScope } from '../trap/scope.ts';
import { installLoader, isTypeScript, isTypeScriptFailure, needsLoader } from './typescript.ts';

/** A loaded module. */
export interface LoadedModule {
  /** The URL under which the module registered its functions: links resolved, with additions to the query. */
  readonly url: string;

  /** Whether the worker view was loaded, not the whole module. */
  readonly view: boolean;

  /** The module's exports, by name. */
  readonly exports: Readonly<Record<string, unknown>>;

  /**
   * What it registered, if a development server has it: calls of a text from before an edit may load that later than
   * others have loaded the new one. `undefined` for other modules, and if it registered nothing.
   */
  readonly record: ModuleRecord | undefined;
}

/** A URL to load a module by. */
type LoadTarget = Pick<LoadedModule, 'url' | 'view'>;

const loads = new Map<string, Promise<LoadedModule>>();

/** An evaluation that has not settled. There may be several, since modules can await at top level. */
interface Evaluation {
  readonly url: string;
  readonly interrupt: (error: OffloopError) => void;
  interrupted: boolean;
}

const evaluations: Evaluation[] = [];

/**
 * Imports or requires the module, once for each thread and evaluation. If the module fails, every call of its functions
 * gets the same error; other modules are not affected.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if the module throws or is not found; the cause is the original error.
 * @throws {OffloopError} `ERR_OFFLOOP_TYPESCRIPT` if nothing in the thread can load the module's TypeScript.
 * @throws {OffloopError} `ERR_OFFLOOP_REENTRY` after {@link interruptLoad}, if its worker view is of no help.
 */
export async function loadModule(spec: ModuleSpec): Promise<LoadedModule> {
  const key = `${spec.generation} ${spec.url}`;
  let load = loads.get(key);
  if (!load) loads.set(key, (load = loadExplained(spec)));
  return load;
}

/**
 * Called when top-level code calls the wrapped function `called` while a module loads: the program runs a second time.
 * If a statement of a view made the call, the statement is left out and another thread takes over. Otherwise the load
 * fails at once, because what the module awaits may never settle. Returns whether the call must not be made.
 */
export function interruptLoad(called: string): boolean {
  if (isTrappedCall(called)) return true;
  const evaluation = current();
  if (evaluation) interrupt(evaluation, reentry(evaluation.url, called));
  return evaluation !== undefined;
}

/** The URL of the module that is being loaded, if any. */
export function loading(): string | undefined {
  return evaluations.at(-1)?.url;
}

function current(): Evaluation | undefined {
  const state = threadState();
  return evaluations.findLast(({ url }) => url === state?.loading);
}

function interrupt(evaluation: Evaluation, error: OffloopError): void {
  if (evaluation.interrupted) return;
  evaluation.interrupted = true;
  // The rest of the running code still counts as loading; calls made after it come from other functions.
  setImmediate(() => {
    leave(evaluation);
    evaluation.interrupt(error);
  });
}

loadScope.thread.fail = (error): void => {
  const evaluation = current();
  if (evaluation) interrupt(evaluation, error);
};

async function loadExplained(spec: ModuleSpec): Promise<LoadedModule> {
  try {
    return await load(spec);
  } catch (error) {
    throw loadError(error, spec);
  }
}

/** Tries the ways to load a module one after the other, each with its own URL, because Node.js caches failures. */
async function load(spec: ModuleSpec): Promise<LoadedModule> {
  if (spec.served || spec.hot) return evaluate(spec, { url: spec.url, view: false });
  const isPrepared = needsLoader(spec);
  if (isPrepared) await installLoader(spec);
  const view = spec.viewMode === 'first';
  if (view) await installView(spec);
  const url = spec.generation > 0 ? withQuery(spec.url, `offloop=${spec.generation}`) : spec.url;
  let failure: unknown;
  try {
    return await evaluate(spec, { url, view });
  } catch (error) {
    failure = error;
  }
  if (!isPrepared && isTypeScriptFailure(failure, spec.url, spec.foreign) && (await installLoader(spec))) {
    try {
      return await evaluate(spec, { url: withQuery(url, 'offloop-ts'), view });
    } catch (error) {
      // The module's own loader gives the clearer error.
      failure = error;
    }
  }
  if (spec.viewMode !== 'fallback' || isOtherRuntime) throw failure;
  try {
    await installView(spec);
    return await evaluate(spec, { url: withQuery(url, 'offloop-view'), view: true });
  } catch {
    throw failure;
  }
}

/**
 * Imports the view hook on demand, as most threads never need it and a thread's first call pays for the thread's start.
 */
async function installView(spec: ModuleSpec): Promise<void> {
  const hook = await import('./view-hook.ts');
  await hook.installView(spec);
}

async function evaluate(spec: ModuleSpec, target: LoadTarget): Promise<LoadedModule> {
  const { url, format } = spec;
  const isEsm = format === 'module';
  const loaded = await supervised(url, () => exportsOf(spec, target));
  // A loader may have turned the module into CommonJS, which has no query; --preserve-symlinks keeps links unresolved.
  const names = [realUrl(target.url), realUrl(url), target.url, url];
  return {
    url: names.find(recordOf) ?? (isEsm ? realUrl(target.url) : realUrl(url)),
    view: target.view,
    exports: Object(loaded) as Record<string, unknown>,
    record: spec.hot ? (loaded as ModuleRecord | undefined) : spec.served && recordOf(url),
  };
}

/** The exports of a module; for one of a development server what it registered. What runs these is imported on demand. */
async function exportsOf({ url, format, served, hot, generation }: ModuleSpec, target: LoadTarget): Promise<unknown> {
  if (served) {
    const { runServed } = await import('../served/run-served.ts');
    return runServed(served.id, generation, served.server);
  }
  if (hot) {
    const { runHot } = await import('../hot/run.ts');
    return runHot(hot);
  }
  return format === 'module' ? import(target.url) : requireModule(url, { anew: target.url !== url });
}

/**
 * Runs `load`, which evaluates the module at `url`, and resolves with its result. If the module calls a wrapped function
 * meanwhile, it rejects, see {@link interruptLoad}.
 */
export async function supervised(url: string, load: () => Promise<unknown>): Promise<unknown> {
  let interrupt: Evaluation['interrupt'] = () => undefined;
  const interruption = new Promise<never>((_, reject) => (interrupt = reject));
  const evaluation: Evaluation = { url, interrupt, interrupted: false };
  evaluations.push(evaluation);
  noteEvaluation();
  showLoading();
  let result: unknown;
  try {
    result = await Promise.race([interruption, load()]);
  } catch (error) {
    if (!evaluation.interrupted) {
      blame(error);
      throw error;
    }
  } finally {
    if (!evaluation.interrupted) leave(evaluation);
  }
  // After an interruption it does not matter whether the module completed or threw.
  if (evaluation.interrupted) await interruption;
  return result;
}

/** Requires a module. One that another module required before is not evaluated again, unless `anew`. */
async function requireModule(url: string, { anew }: { anew: boolean }): Promise<unknown> {
  await importLibrary();
  const require = createRequire(url);
  const path = require.resolve(pathOf(url) ?? url);
  if (anew) delete require.cache[path];
  return require(path) as unknown;
}

function leave(evaluation: Evaluation): void {
  const index = evaluations.indexOf(evaluation);
  if (index !== -1) evaluations.splice(index, 1);
  if (evaluations.length === 0) loadScope.end();
  showLoading();
}

function showLoading(): void {
  const state = threadState();
  if (state) state.loading = loading();
}

/** The error for calls of functions in a module that could not be loaded because of `error`. */
export function loadError(error: unknown, spec: Pick<ModuleSpec, 'url'>): OffloopError {
  if (error instanceof OffloopError) return error;
  const name = shortName(spec.url);
  const options = { cause: error };
  const message = error instanceof Error ? error.message : String(error);
  if (!isTypeScriptFailure(error, spec.url) || !isLackOfLoader(error, spec.url)) {
    return new OffloopError('ERR_OFFLOOP_LOAD', `Cannot load ${name} in a worker thread: ${message}`, options);
  }
  const advice = isStripping
    ? 'Node.js only removes types. Run `npm install --save-dev tsx` and start the program with `node --import tsx`'
    : 'Run `npm install --save-dev tsx` and start the program with `node --import tsx`, or use Node.js 22.18 or later, which removes types';
  const text = `Cannot load ${name} in a worker thread: nothing there can load its TypeScript (${message}). ${advice}`;
  return new OffloopError('ERR_OFFLOOP_TYPESCRIPT', text, options);
}

const isStripping = Boolean((process.features as { typescript?: unknown }).typescript);

/**
 * Whether a TypeScript loader is missing. If the error is that a module was not found, the module is more likely
 * missing.
 */
function isLackOfLoader(error: unknown, url: string): boolean {
  return !(isTypeScript(url) && error instanceof Error && 'code' in error && /NOT_FOUND/.test(String(error.code)));
}
