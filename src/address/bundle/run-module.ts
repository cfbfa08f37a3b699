/** Runs one module of a bundle in a thread, by the bundler's own runtime, without the start of the program. @module */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction, constants } from 'node:vm';
import { OffloopError } from '../../base/errors.ts';
import { shortName } from '../file-url.ts';
import { textOfFile } from './frames.ts';
import type { Imported } from './imports.ts';
import { mayHaveRuntime } from './marks.ts';
import { shapeIn } from './locate.ts';
import type { Located } from './locate.ts';
import { metaName, runtimeText, takeName } from './runtime-text.ts';
import type { RuntimeText } from './runtime-text.ts';
import type { Shape } from './shape.ts';
import type { BundleSpec } from './spec.ts';
import { runByTurbopack } from './turbopack.ts';

/** A bundler's function that runs the module with an id, once. */
type Require = (id: string) => unknown;

/** Runs the module, and resolves once it and what it awaits has completed. */
export async function runModule(located: Located, spec: BundleSpec): Promise<void> {
  const { shape, module, file } = located;
  if (shape.kind === 'Turbopack') return runByTurbopack(file, module.id, spec.loaded);
  const require = await (shape.kind === 'esbuild' ? initsOf(file, shape) : webpackRequire(located, spec));
  await require(module.id);
}

const runtimes = new Map<string, Promise<Require>>();

async function initsOf(file: string, shape: Shape): Promise<Require> {
  let loaded = runtimes.get(file);
  if (!loaded) {
    loaded = evaluate(file, runtimeText(textOfFile(file) ?? '', shape)).then(([inits]) => {
      const functions = inits as Readonly<Record<string, () => unknown>>;
      return (id: string) => functions[id]?.();
    });
    runtimes.set(file, loaded);
  }
  return loaded;
}

interface Webpack {
  (id: string): unknown;
  m?: Table;
}

type Table = Record<string, unknown>;

/** webpack's `require` function, with all chunks that the main thread has. */
async function webpackRequire(located: Located, spec: BundleSpec): Promise<Require> {
  const { file, module } = located;
  for (const candidate of candidates(located, spec)) {
    // One after the other: the nearest wins.
    // oxlint-disable-next-line no-await-in-loop
    const require = await runtimeIn(candidate);
    if (!require) continue;
    // oxlint-disable-next-line no-await-in-loop
    await addChunks(require, [...spec.loaded, file]);
    if (require.m && Object.hasOwn(require.m, module.id)) return require as Require;
  }
  const text = `Cannot load module ${module.id} of ${shortName(file)} in a worker thread: the runtime of webpack that runs it was not found`;
  throw new OffloopError('ERR_OFFLOOP_LOAD', text);
}

/** The files that may have the runtime: those of the callers, and those that the main thread has loaded. */
function candidates({ file, depth }: Located, { frames, loaded }: BundleSpec): string[] {
  const callers = frames.slice(depth).map((frame) => frame.file);
  const [, program] = process.argv;
  return [...new Set([file, ...callers, ...loaded, ...(program === undefined ? [] : [program, pathToFileURL(program).href])])];
}

const webpacks = new Map<string, Promise<Webpack | undefined>>();

async function runtimeIn(file: string): Promise<Webpack | undefined> {
  let loaded = webpacks.get(file);
  if (!loaded) webpacks.set(file, (loaded = loadRuntime(file)));
  return loaded;
}

async function loadRuntime(file: string): Promise<Webpack | undefined> {
  const source = textOfFile(file);
  const shape = source !== undefined && mayHaveRuntime(source) ? shapeIn(file) : undefined;
  if (source === undefined || !shape?.runtime) return undefined;
  const text = runtimeText(source, shape);
  const [require, table] = (await evaluate(file, text)) as [Webpack, Table];
  require.m ??= table;
  for (const id of text.starts) table[id] = () => refuseStart(id, file);
  return require;
}

interface Chunk {
  readonly modules?: Table;
  readonly __webpack_esm_modules__?: Table;
  readonly runtime?: (require: Webpack) => void;
  readonly __webpack_esm_runtime__?: (require: Webpack) => void;
}

const added = new WeakMap<Webpack, Set<string>>();

/** Adds the modules of chunks to the table of the runtime; a chunk only has functions, and its evaluation runs none. */
async function addChunks(require: Webpack, files: readonly string[]): Promise<void> {
  const known = added.get(require) ?? new Set();
  added.set(require, known);
  for (const file of files) {
    if (known.has(file)) continue;
    known.add(file);
    const shape = shapeIn(file);
    if (!shape || shape.kind !== 'webpack' || shape.runtime) continue;
    // One after the other, as the main thread did.
    // oxlint-disable-next-line no-await-in-loop
    const chunk = (shape.isModule ? await import(file) : createRequire(import.meta.url)(file)) as Chunk;
    const modules = chunk.modules ?? chunk.__webpack_esm_modules__;
    for (const [id, fn] of Object.entries(modules ?? {})) if (require.m) require.m[id] ??= fn;
    (chunk.runtime ?? chunk.__webpack_esm_runtime__)?.(require);
  }
}

function refuseStart(id: string, file: string): never {
  throw new OffloopError(
    'ERR_OFFLOOP_REENTRY',
    `Cannot run module ${id} of ${shortName(file)} in a worker thread: the program starts with it and would run twice. ` +
      'Move the wrapped functions to a module of their own, which does not import it',
  );
}

/** Runs a bundle's file without the start of the program, and gives what hands out the runtime. */
async function evaluate(file: string, { code, imports }: RuntimeText): Promise<unknown[]> {
  const isUrl = file.startsWith('file:');
  const path = isUrl ? fileURLToPath(file.replace(/[?#].*$/, '')) : file;
  const require = createRequire(path);
  const names = imports.map(({ local }) => local);
  const values = await Promise.all(imports.map(async (it) => importedBy(it, file)));
  // ES modules are strict.
  const prefix = isUrl ? "'use strict';" : '';
  const run = compileFunction(prefix + code, [...common, ...names], {
    filename: file,
    columnOffset: -prefix.length,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (...args: unknown[]) => void;
  let taken: unknown[] = [];
  const module = { exports: {}, children: [], id: path, filename: path };
  const meta = { url: pathToFileURL(path).href, filename: path, dirname: dirname(path), resolve: import.meta.resolve };
  run(module.exports, require, module, path, dirname(path), meta, (...all: unknown[]) => (taken = all), ...values);
  return taken;
}

const common = ['exports', 'require', 'module', '__filename', '__dirname', metaName, takeName];

async function importedBy({ from, name }: Imported, file: string): Promise<unknown> {
  const load = compileFunction('return import(from)', ['from'], {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (from: string) => Promise<Readonly<Record<string, unknown>>>;
  const namespace = await load(from);
  return name === undefined ? namespace : namespace[name];
}
