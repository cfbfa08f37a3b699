/** Loads, in a worker thread, the modules that have the functions it is to run. @module */

import { createRequire } from 'node:module';
import { setImmediate } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { threadState } from '../base/realm.ts';
import type { ModuleSpec } from './address.ts';
import { reentry } from './explain.ts';
import { pathOf, realUrl, shortName, withQuery } from './file-url.ts';
import { recordOf } from './registry.ts';
import { blame, isTrappedCall } from './trap/guards.ts';
import { noteEvaluation } from './traps.ts';
import { loadScope } from './trap/scope.ts';
import { installLoader, isTypeScript, isTypeScriptFailure, needsLoader } from './typescript.ts';

/** How a module was loaded. */
export interface LoadedModule {
  /** The URL under which it registered its functions: links resolved, with what was added to the query. */
  readonly url: string;

  /** Whether it is the worker view that runs, not the whole module. */
  readonly view: boolean;

  /** What it exports, by name. */
  readonly exports: Readonly<Record<string, unknown>>;
}

/** A way to load a module. */
type LoadTarget = Pick<LoadedModule, 'url' | 'view'>;

const loads = new Map<string, Promise<LoadedModule>>();

/** An evaluation that has not settled; several may be under way, since modules can await at their top level. */
interface Evaluation {
  readonly url: string;
  readonly interrupt: (error: OffloopError) => void;
  interrupted: boolean;
}

const evaluations: Evaluation[] = [];

/**
 * Imports or requires the module, once a thread and evaluation. A module that fails gives the same error to everyone
 * who asks, and other modules go on.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if the module throws or is not found; the cause is the error.
 * @throws {OffloopError} `ERR_OFFLOOP_TYPESCRIPT` if there is nothing that could load its TypeScript.
 * @throws {OffloopError} `ERR_OFFLOOP_REENTRY` after {@link interruptLoad}, if its worker view is of no help.
 */
export async function loadModule(spec: ModuleSpec): Promise<LoadedModule> {
  const key = `${spec.generation} ${spec.url}`;
  let load = loads.get(key);
  if (!load) loads.set(key, (load = loadExplained(spec)));
  return load;
}

/**
 * Top-level code has called the wrapped function `called` while a module is loaded: it is a program that runs a second
 * time. If a statement of a view has done so, the view does without that, in another thread; else the load fails: what
 * the module awaits may never come, so it is not waited for. Says whether the call is not to be made.
 */
export function interruptLoad(called: string): boolean {
  if (isTrappedCall(called)) return true;
  const evaluation = current();
  if (evaluation) interrupt(evaluation, reentry(evaluation.url, called));
  return evaluation !== undefined;
}

/** The URL of the module that is being loaded; `undefined` if none is. */
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
  // The rest of the running code still counts as loading; calls that come later are those of other functions.
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
    throw explain(error, spec);
  }
}

/** Each way is tried only after the one before it failed, and with a URL of its own: failures are cached by Node.js. */
async function load(spec: ModuleSpec): Promise<LoadedModule> {
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
      // With its own loader, a module tells more clearly what is wrong.
      failure = error;
    }
  }
  if (spec.viewMode !== 'fallback') throw failure;
  try {
    await installView(spec);
    return await evaluate(spec, { url: withQuery(url, 'offloop-view'), view: true });
  } catch {
    throw failure;
  }
}

/** What most threads never need is not loaded beforehand: the start of a thread is paid for by its first call. */
async function installView(spec: ModuleSpec): Promise<void> {
  const hook = await import('./view-hook.ts');
  await hook.installView(spec);
}

async function evaluate(spec: ModuleSpec, target: LoadTarget): Promise<LoadedModule> {
  const { url, format } = spec;
  const isEsm = format === 'module';
  let interrupt: Evaluation['interrupt'] = () => undefined;
  const interruption = new Promise<never>((_, reject) => (interrupt = reject));
  const evaluation: Evaluation = { url, interrupt, interrupted: false };
  evaluations.push(evaluation);
  noteEvaluation();
  showLoading();
  let exports: unknown;
  try {
    const loaded = isEsm ? import(target.url) : requireModule(url, { anew: target.url !== url });
    exports = await Promise.race([interruption, loaded]);
  } catch (error) {
    if (!evaluation.interrupted) {
      blame(error);
      throw error;
    }
  } finally {
    if (!evaluation.interrupted) leave(evaluation);
  }
  // Whether such a program came to its end or threw does not matter.
  if (evaluation.interrupted) await interruption;
  // A loader may have made CommonJS of it, which has no query; links count under --preserve-symlinks.
  const names = [realUrl(target.url), realUrl(url), target.url, url];
  return {
    url: names.find(recordOf) ?? (isEsm ? realUrl(target.url) : realUrl(url)),
    view: target.view,
    exports: Object(exports) as Record<string, unknown>,
  };
}

/** What another module required before is taken as it is, unless it is to be evaluated anew. */
async function requireModule(url: string, { anew }: { anew: boolean }): Promise<unknown> {
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

function explain(error: unknown, spec: ModuleSpec): OffloopError {
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

/** A missing module is more likely missing than TypeScript's. */
function isLackOfLoader(error: unknown, url: string): boolean {
  return !(isTypeScript(url) && error instanceof Error && 'code' in error && /NOT_FOUND/.test(String(error.code)));
}
