/** Finds an installed transformer for TypeScript; a test runner brings one along. @module */

import { createRequire } from 'node:module';
import { URL, pathToFileURL } from 'node:url';
import type { ModuleFormat } from '../address.ts';
import { canStrip, stripTypes } from './loader-api.ts';

/** Turns the TypeScript of a file into JavaScript. */
export type Transform = (code: string, path: string, format: ModuleFormat) => string;

/** The best transformer that is installed for the module or folder at the file URL `base`. */
export async function findTransform(base: string): Promise<Transform | undefined> {
  return esbuild(base) ?? (await rolldown(base)) ?? typescript(base) ?? native();
}

interface Esbuild {
  readonly transformSync: (code: string, options: Record<string, unknown>) => { code: string };
}

function esbuild(base: string): Transform | undefined {
  for (const chain of [['esbuild'], ['vitest', 'vite', 'esbuild'], ['vite', 'esbuild'], ['tsx', 'esbuild']]) {
    const found = attempt(() => requireAlong<Esbuild>(base, chain));
    if (!found) continue;
    return (code, path, format) =>
      found.transformSync(code, {
        loader: path.endsWith('x') ? 'tsx' : 'ts',
        format: format === 'commonjs' ? 'cjs' : undefined,
        target: 'es2022',
        sourcefile: path,
        sourcemap: 'inline',
        keepNames: true,
      }).code;
  }
  return undefined;
}

interface Rolldown {
  readonly transformSync?: (path: string, code: string, options: Record<string, unknown>) => { code: string };
}

async function rolldown(base: string): Promise<Transform | undefined> {
  for (const chain of [['vitest', 'vite', 'rolldown'], ['vite', 'rolldown'], ['rolldown']]) {
    const manifest = attempt(() => resolveAlong(base, [...chain.slice(0, -1), `${chain.at(-1)}/package.json`]));
    if (manifest === undefined) continue;
    try {
      const entry = new URL('./dist/experimental-index.mjs', pathToFileURL(manifest));
      // One after the other: the first that works.
      // oxlint-disable-next-line no-await-in-loop
      const { transformSync } = (await import(entry.href)) as Rolldown;
      if (transformSync) return (code, path) => transformSync(path, code, { target: 'es2022' }).code;
    } catch {
      // This version has the function elsewhere.
    }
  }
  return undefined;
}

interface TypeScript {
  readonly ScriptTarget: { readonly ES2022: unknown };
  readonly ModuleKind: { readonly ESNext: unknown; readonly CommonJS: unknown };
  readonly JsxEmit: { readonly ReactJSX: unknown };

  /** TypeScript 7 lacks this function. */
  readonly transpileModule?: (code: string, options: unknown) => { outputText: string };
}

function typescript(base: string): Transform | undefined {
  const found = attempt(() => requireAlong<TypeScript>(base, ['typescript']));
  if (!found?.transpileModule) return undefined;
  const { transpileModule, ScriptTarget, ModuleKind, JsxEmit } = found;
  return (code, path, format) => {
    const module = format === 'commonjs' ? ModuleKind.CommonJS : ModuleKind.ESNext;
    const compilerOptions = { target: ScriptTarget.ES2022, module, inlineSourceMap: true, jsx: JsxEmit.ReactJSX };
    return transpileModule(code, { fileName: path, compilerOptions }).outputText;
  };
}

function native(): Transform | undefined {
  return canStrip ? stripTypes : undefined;
}

/** Resolves each name from the package before it, since a package's dependencies need not be hoisted. */
function resolveAlong(base: string, chain: readonly string[]): string {
  let from = base;
  for (const name of chain.slice(0, -1)) from = createRequire(from).resolve(`${name}/package.json`);
  return createRequire(from).resolve(chain.at(-1) ?? '');
}

function requireAlong<T>(base: string, chain: readonly string[]): T {
  return createRequire(base)(resolveAlong(base, chain)) as T;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
