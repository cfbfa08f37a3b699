/** The parts of `node:module` that the types of the oldest supported Node.js, or that Node.js itself, lack. @module */

import { realpathSync } from 'node:fs';
import nodeModule from 'node:module';
import { OffloopError } from '../../base/errors.ts';
import { bare } from '../../base/options.ts';

/** The argument and result of a load hook. */
export interface LoadContext {
  readonly format?: string | null | undefined;
}

export interface LoadResult {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | NodeJS.ArrayBufferView | null | undefined;
  readonly shortCircuit?: boolean;
}

/** The argument and result of a resolve hook. */
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
  /** Since Node.js 22.15. Before, `register` (deprecated in 26) runs hooks for `import` in a thread of their own. */
  readonly registerHooks?: (hooks: SyncHooks) => { deregister(): void };

  /** Since Node.js 22.13. */
  readonly stripTypeScriptTypes?: (code: string, options: { mode: 'strip' | 'transform' }) => string;

  readonly register: (specifier: string, options: { parentURL?: string; data: unknown }) => void;
}

const api = nodeModule as unknown as LoaderApi;

export const registerHooks: LoaderApi['registerHooks'] = api.registerHooks;

/** Runs the hooks module at `url` in the hooks thread; only for Node.js without `registerHooks`. */
export function registerHooksThread(url: string, data: unknown): void {
  checkHooksThread();
  api.register(url, bare({ data }));
}

/**
 * Checks that the hooks thread can start: it cannot if the working directory was removed, and Node.js would wait for it
 * forever. Call this before anything that may start the hooks thread.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if the working directory is gone.
 */
export function checkHooksThread(): void {
  try {
    // In a thread, `process.cwd()` returns a cached path even if that was removed.
    realpathSync.native('.');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    const text = 'Cannot start the thread for module hooks: the working directory was removed';
    throw new OffloopError('ERR_OFFLOOP_BOOT', text, { cause: error });
  }
}

/** Whether this Node.js can remove types. */
export const canStrip: boolean = api.stripTypeScriptTypes !== undefined;

/** Removes types as Node.js itself does when it loads a `.ts` file. */
export function stripTypes(code: string): string {
  const features = process.features as { typescript?: 'strip' | 'transform' | false };
  const mode = features.typescript === 'transform' ? 'transform' : 'strip';
  // Node.js warns that the function is experimental, although its own loader does the same by default.
  // oxlint-disable-next-line typescript/unbound-method
  const { emitWarning } = process;
  try {
    process.emitWarning = () => undefined;
    return api.stripTypeScriptTypes?.(code, { mode }) ?? code;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The source that a load hook gave, as text. */
export function sourceText(source: LoadResult['source']): string | undefined {
  if (source === null || source === undefined) return undefined;
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
