/** Makes a thread load TypeScript as the main thread does. @module */

import { createRequire } from 'node:module';
import { URL, pathToFileURL } from 'node:url';
import { Promise } from '../../base/intrinsics.ts';
import type { ModuleSpec } from '../address.ts';
import { pathOf } from '../file-url.ts';
import { checkHooksThread, registerHooks } from './loader-api.ts';

/** Whether the main thread has a loader that threads do not inherit. */
export function needsLoader({ foreign, url }: ModuleSpec): boolean {
  // With `registerHooks`, the hooks that tsx registers in the main thread apply to its threads too.
  return (foreign && isTypeScript(url)) || (!registerHooks && tsxArguments().length > 0);
}

/**
 * Whether another loader could load the module that failed with `error`, in a program with TypeScript. Under a test
 * runner (`foreign`), JavaScript modules import TypeScript too. There a loader is installed only on demand: a hooks
 * thread, as on Node.js 20, takes longer to start than the module takes to run.
 */
export function isTypeScriptFailure(error: unknown, url: string, foreign = false): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return /"\.[cm]?tsx?"/.test(error.message);
  if (/TYPESCRIPT|TYPE_STRIPPING/.test(code)) return true;
  // `./x` or `./x.js` for x.ts, paths of tsconfig.json, or syntax that Node.js does not strip.
  return (
    (foreign || isTypeScript(url)) && (/MODULE_NOT_FOUND|UNSUPPORTED_DIR_IMPORT/.test(code) || isSyntaxOfModule(error))
  );
}

/** Whether the file's extension is one of TypeScript's. */
export function isTypeScript(url: string): boolean {
  return /\.(?:[cm]ts|tsx?)$/.test(pathOf(url) ?? '');
}

/**
 * Whether a module failed to parse or link, as opposed to a `SyntaxError` from its code: no stack frame is in a file.
 */
function isSyntaxOfModule(error: Error): boolean {
  if (!(error instanceof SyntaxError)) return false;
  const [, frame] = /^ {4}at (.*)$/m.exec(error.stack ?? '') ?? [];
  return frame === undefined || frame.includes('node:internal');
}

let installed: Promise<boolean> | undefined;

/**
 * Installs, once in each thread, a loader for TypeScript: `tsx` if it is installed, else the transformer that a test
 * runner brought along. Resolves with whether there is one.
 */
export async function installLoader(spec: ModuleSpec): Promise<boolean> {
  if (!installed) checkHooksThread();
  return (installed ??= install(spec));
}

async function install({ url, base }: ModuleSpec): Promise<boolean> {
  const bases = [url, base].filter((it) => it.startsWith('file:'));
  const found = (await registerTsx(bases)) || (await registerTransform(bases));
  if (!found) return false;
  const { renewHooks } = await import('./view-hook.ts');
  renewHooks();
  return true;
}

async function registerTransform(bases: readonly string[]): Promise<boolean> {
  const { installTransform } = await import('./transform-hook.ts');
  for (const base of bases) {
    // One after the other: the nearest wins.
    // oxlint-disable-next-line no-await-in-loop
    if (await installTransform(base)) return true;
  }
  return false;
}

/** The values on the command line that name tsx: `--import tsx`, or the paths that the `tsx` command passes. */
function tsxArguments(): string[] {
  const words = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const values = words.map((word) => word.replace(/^-[^=]*=/, '').replaceAll(/^["']|["']$/g, ''));
  return values.filter((value) => /^tsx(?:$|\/)|[\\/]tsx[\\/]dist[\\/]/.test(value));
}

interface TsxApi {
  register(): unknown;
}

/**
 * Registers tsx and resolves with whether it was found. Parts are imported by URL: those that `require.resolve` finds
 * fail on Node.js 20.
 */
async function registerTsx(bases: readonly string[]): Promise<boolean> {
  for (const dist of tsxFolders(bases)) {
    try {
      // One after the other: the first that works.
      // oxlint-disable-next-line no-await-in-loop
      const [esm, cjs] = (await Promise.all([
        import(new URL('./esm/api/index.mjs', dist).href),
        import(new URL('./cjs/api/index.mjs', dist).href),
      ])) as [TsxApi, TsxApi];
      esm.register();
      cjs.register();
      return true;
    } catch {
      // Another version or a broken installation; the next folder may work.
    }
  }
  return false;
}

/** The URLs of the `tsx/dist/` folders that exist; the one that runs the main thread comes first. */
function tsxFolders(bases: readonly string[]): string[] {
  const named = tsxArguments().flatMap((value) => /^(.*[\\/]tsx[\\/]dist[\\/])/.exec(value)?.[1] ?? []);
  const folders = named.map((folder) => (folder.startsWith('file:') ? folder : pathToFileURL(folder).href));
  for (const base of bases) {
    try {
      folders.push(new URL('./', pathToFileURL(createRequire(base).resolve('tsx'))).href);
    } catch {
      // tsx is not installed there.
    }
  }
  return [...new Set(folders)];
}
