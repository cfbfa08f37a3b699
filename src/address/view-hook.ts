/** Lets a thread load the worker view of a module in place of the module. @module */

import nodeModule from 'node:module';
import { readFileSync } from 'node:fs';
import type { ModuleSpec } from './address.ts';
import { Promise } from '../base/intrinsics.ts';
import { canonical, pathOf } from './file-url.ts';
import { registerHooks, registerHooksThread, sourceText, stripTypes } from './loader-api.ts';
import type { LoadResult } from './loader-api.ts';
import { prepareSlicer, viewOf, viewText } from './make-view.ts';
import { trapForGuarded, trapForView } from './traps.ts';
import { loadScope } from './trap/scope.ts';
import type { HookData } from './view-hook-thread.ts';

// By canonical path: what the hooks that are installed at the moment make views of.
const targets = new Map<string, ModuleSpec>();

/**
 * From now on, and until it is called again for the same file, importing or requiring the file of `spec` gives its
 * worker view.
 */
export async function installView(spec: ModuleSpec): Promise<void> {
  await Promise.all([prepareSlicer(spec.view), trapForView(spec)]);
  install(spec);
}

/**
 * As {@link installView}, for the program's entry in a thread that runs functions of other modules: these may import
 * the entry back. That is rare, so nothing is prepared.
 */
export function guardEntry(spec: ModuleSpec): void {
  if (!targets.has(canonical(spec.url))) install(spec);
}

/** To be called after another loader (for TypeScript) was registered, so that its output is sliced, not its input. */
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
  // For ES modules as well: loaders of TypeScript make CommonJS of them where package.json does not say otherwise.
  hookCompile();
  if (spec.format === 'commonjs') return;
  if (registerHooks) hookLoad();
  else hookLoadThread(spec);
}

let loadHook: { deregister(): void } | undefined;

/** The hook that was registered last is asked first, and asks those before it. */
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

// By canonical path: the switch of the hook that is in force in the thread for hooks.
const switches = new Map<string, Int32Array>();
let hookNumber = 0;

function hookLoadThread({ url, view }: ModuleSpec): void {
  const target = canonical(url);
  // A hook in its thread cannot be removed.
  switches.get(target)?.fill(1);
  const off = new Int32Array(new SharedArrayBuffer(4));
  switches.set(target, off);
  const data: HookData = { target, url, view, off };
  // The query gives each hook a module, and so a state, of its own.
  // oxlint-disable-next-line no-restricted-globals -- what finds the files of a program knows the global alone
  const hooks = new URL('../address/view-hook-thread.js', import.meta.url);
  hooks.search = `?${hookNumber++}`;
  registerHooksThread(hooks.href, data);
}

/** What `require` runs goes through here, on every Node.js. Undocumented, but relied on by too many to change. */
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
    // An ES module that is required has come through the load hook, if there is one.
    if (!spec || (kind === 'module' && registerHooks)) return compile.call(this, content, filename, format, ...rest);
    trapForGuarded(spec);
    const text = kind === format ? String(content) : stripTypes(String(content));
    // Without a format, Node.js finds out itself.
    if (kind === 'module') return compile.call(this, viewText(text, spec.url, spec.view), filename, kind, ...rest);
    const { view, version } = viewOf(text, spec.url, 'commonjs', spec.view);
    loadScope.begin(filename, version);
    return compile.call(this, view.code, filename, kind || undefined, ...rest);
  };
}
