/** Makes a thread load the worker view of a module in place of the module. @module */

import nodeModule from 'node:module';
import { readFileSync } from 'node:fs';
import type { ModuleSpec } from '../address.ts';
import { Promise } from '../../base/intrinsics.ts';
import { canonical, pathOf } from '../file-url.ts';
import { registerHooks, registerHooksThread, sourceText, stripTypes } from './loader-api.ts';
import type { LoadResult } from './loader-api.ts';
import { prepareSlicer, viewOf, viewText } from './make-view.ts';
import { viewHooksUrl } from '../own-files.ts';
import { trapForGuarded, trapForView } from './traps.ts';
import { loadScope } from '../trap/scope.ts';
import type { HookData } from './view-hook-thread.ts';

// The modules that the installed hooks slice, by canonical path.
const targets = new Map<string, ModuleSpec>();

/**
 * From now on, importing or requiring the file of `spec` gives its worker view; a later call for the same file replaces
 * `spec`.
 */
export async function installView(spec: ModuleSpec): Promise<void> {
  await Promise.all([prepareSlicer(spec.view), trapForView(spec)]);
  install(spec);
}

/**
 * As {@link installView}, for the program's entry in a thread that runs functions of other modules, which may import
 * the entry back. That is rare, so nothing is prepared.
 */
export function guardEntry(spec: ModuleSpec): void {
  if (!targets.has(canonical(spec.url))) install(spec);
}

/**
 * Call this after another loader (for TypeScript) was registered, so that the loader's output is sliced, not its input.
 */
export function renewHooks(): void {
  if (registerHooks) {
    if (loadHook) hookLoad();
    return;
  }
  for (const spec of targets.values()) if (spec.format === 'module') hookLoadThread(spec);
}

function install(spec: ModuleSpec): void {
  targets.set(canonical(spec.url), spec);
  loadScope.expect(spec);
  // For ES modules too: a TypeScript loader turns them into CommonJS unless package.json says otherwise.
  hookCompile();
  if (spec.format === 'commonjs') return;
  if (registerHooks) hookLoad();
  else hookLoadThread(spec);
}

let loadHook: { deregister(): void } | undefined;

/** Registers the hook again, as the last one: Node.js calls the last hook first, and it calls the ones before. */
function hookLoad(): void {
  loadHook?.deregister();
  loadHook = registerHooks?.({
    load(url, context, next) {
      const result = next(url, context);
      const spec = url.startsWith('file:') ? targets.get(canonical(url)) : undefined;
      return spec ? sliceLoaded(url, result, spec) : result;
    },
  });
}

function sliceLoaded(url: string, result: LoadResult, spec: ModuleSpec): LoadResult {
  const format = result.format?.replace(/-typescript$/, '');
  if (format !== 'module') return result;
  trapForGuarded(spec);
  const text = sourceText(result.source) ?? readFileSync(pathOf(url) ?? '', 'utf8');
  const code = format === result.format ? text : stripTypes(text);
  return { format, source: viewText(code, spec.url, spec.view), shortCircuit: true };
}

// By canonical path: the switch of the hook that is active in the hooks thread.
const switches = new Map<string, Int32Array>();
let hookNumber = 0;

function hookLoadThread({ url, view }: ModuleSpec): void {
  const target = canonical(url);
  // A hook in the hooks thread cannot be removed, so it is switched off.
  switches.get(target)?.fill(1);
  const off = new Int32Array(new SharedArrayBuffer(4));
  switches.set(target, off);
  const data: HookData = { target, url, view, off };
  // The query gives each hook its own module instance, and so its own state.
  const hooks = viewHooksUrl();
  hooks.search = `?${hookNumber++}`;
  registerHooksThread(hooks.href, data);
}

/**
 * Whatever `require` runs passes through this method, in every Node.js. It is undocumented, but too widely used to
 * change.
 */
interface Compiler {
  _compile: (this: unknown, content: unknown, filename: string, format?: unknown, ...rest: unknown[]) => unknown;
}

let compileHooked = false;

function hookCompile(): void {
  if (compileHooked) return;
  compileHooked = true;
  const { prototype } = nodeModule.Module as unknown as { prototype: Compiler };
  const compile = prototype._compile;
  prototype._compile = function (content, filename, format, ...rest) {
    const spec = targets.get(canonical(filename));
    const kind = typeof format === 'string' ? format.replace(/-?typescript$/, '') : format;
    // With `registerHooks`, a required ES module has already passed through the load hook.
    if (!spec || (kind === 'module' && registerHooks)) return compile.call(this, content, filename, format, ...rest);
    trapForGuarded(spec);
    const text = kind === format ? String(content) : stripTypes(String(content));
    // Without a format, Node.js detects the format itself.
    if (kind === 'module') return compile.call(this, viewText(text, spec.url, spec.view), filename, kind, ...rest);
    const { view, version } = viewOf(text, spec.url, 'commonjs', spec.view);
    loadScope.begin(filename, version);
    return compile.call(this, view.code, filename, kind || undefined, ...rest);
  };
}
