/** The parts of `node:module` that the floor's types, or its Node.js, do not have. @module */

import { realpathSync } from 'node:fs';
import nodeModule from 'node:module';
import { OffloopError } from '../base/errors.ts';
import { bare } from '../base/options.ts';

/** What a load hook is told and tells. */
export interface LoadContext {
  readonly format?: string | null | undefined;
}

export interface LoadResult {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | NodeJS.ArrayBufferView | null | undefined;
  readonly shortCircuit?: boolean;
}

/** What a resolve hook is told and tells. */
export interface ResolveContext {
  readonly parentURL?: string | undefined;
}

export interface ResolveResult {
  readonly url: string;
}

/** Hooks that run in the thread whose imports they see, for `import` and `require` alike. */
export interface SyncHooks {
  resolve?(
    specifier: string,
    context: ResolveContext,
    next: (specifier: string, context: ResolveContext) => ResolveResult,
  ): ResolveResult;
  load?(url: string, context: LoadContext, next: (url: string, context: LoadContext) => LoadResult): LoadResult;
}

interface LoaderApi {
  /** From Node.js 22.15; below, `register` (deprecated in 26) runs hooks for `import` in a thread of their own. */
  readonly registerHooks?: (hooks: SyncHooks) => { deregister(): void };

  /** From Node.js 22.13. */
  readonly stripTypeScriptTypes?: (code: string, options: { mode: 'strip' | 'transform' }) => string;

  readonly register: (specifier: string, options: { parentURL?: string; data: unknown }) => void;
}

const api = nodeModule as unknown as LoaderApi;

export const registerHooks: LoaderApi['registerHooks'] = api.registerHooks;

/** Runs the hooks module at `url` in the thread for hooks; only for Node.js without `registerHooks`. */
export function registerHooksThread(url: string, data: unknown): void {
  checkHooksThread();
  api.register(url, bare({ data }));
}

/**
 * To be called before that thread may be started: where the working directory was removed it cannot start, and Node.js
 * waits for it without end.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BOOT`.
 */
export function checkHooksThread(): void {
  try {
    // In a thread `process.cwd()` gives what it was.
    realpathSync.native('.');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    const text =
      'Cannot start the thread in which modules are changed when they are loaded: the working directory is gone';
    throw new OffloopError('ERR_OFFLOOP_BOOT', text, { cause: error });
  }
}

/** Whether this Node.js can remove types. */
export const canStrip: boolean = api.stripTypeScriptTypes !== undefined;

/** Removes types as Node.js itself does when it loads a `.ts` file. */
export function stripTypes(code: string): string {
  const features = process.features as { typescript?: 'strip' | 'transform' | false };
  const mode = features.typescript === 'transform' ? 'transform' : 'strip';
  // The function calls itself experimental on every Node.js, although what it does is what the loader does by default.
  // oxlint-disable-next-line typescript/unbound-method
  const { emitWarning } = process;
  try {
    process.emitWarning = () => undefined;
    return api.stripTypeScriptTypes?.(code, { mode }) ?? code;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** What a load hook gives as text, whichever way the source was given. */
export function sourceText(source: LoadResult['source']): string | undefined {
  if (source === null || source === undefined) return undefined;
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
