/** Runs one module of a bundle in a thread, by the bundler's own runtime, without the start of the program. @module */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL, URL } from 'node:url';
import { compileFunction, constants } from 'node:vm';
import { Promise } from '../../base/intrinsics.ts';
import { OffloopError } from '../../base/errors.ts';
import { shortName } from '../file-url.ts';
import { importLibrary } from '../own-files.ts';
import { textOfFile } from './frames.ts';
import { importQuietly } from './import-quietly.ts';
import type { Imported } from './imports.ts';
import { compiled } from './loaded.ts';
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
  await importLibrary();
  const { shape, module, file } = located;
  if (shape.kind === 'Turbopack') return runByTurbopack(file, module.id, spec.loaded);
  const require = await (shape.kind === 'esbuild' ? initsOf(file, shape) : webpackRequire(located, spec));
  try {
    await require(module.id);
  } catch (error) {
    throw shape.kind === 'webpack' && isLacking(error) ? lacking(located, error) : error;
  }
}

/** Whether webpack's runtime has called a module that is not in its table. */
const isLacking = (error: unknown): boolean =>
  error instanceof TypeError && /\w\[\w+\] is not a function|\(reading 'call'\)/.test(error.message);

function lacking({ module, file }: Located, cause: unknown): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_LOAD',
    `Cannot load module ${module.id} of ${shortName(file)} in a worker thread: it needs a module of another chunk, which threads ` +
      'do not have if chunks are ES modules. Leave out optimization.splitChunks of webpack or rspack, or let it build CommonJS',
    { cause },
  );
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
    if (require.m && Object.hasOwn(require.m, module.id)) return require;
  }
  const text = `Cannot load module ${module.id} of ${shortName(file)} in a worker thread: the runtime of webpack that runs it was not found`;
  throw new OffloopError('ERR_OFFLOOP_LOAD', text);
}

/** The files that may have the runtime: those of the callers, and those that the main thread has loaded. */
function candidates({ file, depth }: Located, { frames, loaded }: BundleSpec): string[] {
  const callers = frames.slice(depth).map((frame) => frame.file);
  const [, program] = process.argv;
  return [
    ...new Set([file, ...callers, ...loaded, ...(program === undefined ? [] : [program, pathToFileURL(program).href])]),
  ];
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
  const [require, table, more, setUp] = (await evaluate(file, text)) as [Webpack, Table, Table?, SetUp?];
  require.m ??= table;
  for (const id of text.starts) table[id] = () => refuseStart(id, file);
  add(require, more, setUp);
  return require;
}

type SetUp = (require: Webpack) => void;

const added = new WeakMap<Webpack, Set<string>>();

/** Adds the modules of chunks to the table of the runtime. */
async function addChunks(require: Webpack, files: readonly string[]): Promise<void> {
  const known = added.get(require) ?? new Set();
  added.set(require, known);
  for (const file of files) {
    if (known.has(file)) continue;
    known.add(file);
    const shape = shapeIn(file);
    if (!shape?.chunk || shape.runtime) continue;
    // One after the other, as the main thread did.
    // oxlint-disable-next-line no-await-in-loop
    const [, , table, setUp] = await evaluate(file, runtimeText(textOfFile(file) ?? '', shape));
    add(require, table as Table, setUp as SetUp);
  }
}

function add(require: Webpack, table: Table = {}, setUp?: SetUp): void {
  for (const [id, fn] of Object.entries(table)) if (require.m) require.m[id] ??= fn;
  setUp?.(require);
}

function refuseStart(id: string, file: string): never {
  throw new OffloopError(
    'ERR_OFFLOOP_REENTRY',
    `Cannot run module ${id} of ${shortName(file)} in a worker thread: the program starts with it and would run twice. ` +
      'Move the wrapped functions to a module of their own, which does not import it',
  );
}

/** ES modules are strict; a function has to say so. */
const strict = "'use strict';";

/** How many characters the places in `file` are further on in this thread than in the file itself. */
export function shiftIn(file: string): number {
  return compiled.has(file) && file.startsWith('file:') ? strict.length : 0;
}

/** Runs a bundle's file without the start of the program, and gives what hands out the runtime. */
async function evaluate(file: string, { code, imports }: RuntimeText): Promise<unknown[]> {
  const isUrl = file.startsWith('file:');
  const path = isUrl ? fileURLToPath(file.replace(/[?#].*$/, '')) : file;
  const require = createRequire(path);
  const names = imports.map(({ local }) => local);
  const values = await Promise.all(imports.map(async (it) => importedBy(it, file)));
  const prefix = isUrl ? strict : '';
  // An ES module has no `require`, and may declare its own.
  const own = isUrl ? [] : ['exports', 'require', 'module', '__filename', '__dirname'];
  const run = compileFunction(prefix + code, [...own, metaName, takeName, ...names], {
    filename: file,
    columnOffset: -prefix.length,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (...args: unknown[]) => void;
  compiled.add(file);
  let taken: unknown[] = [];
  const module = { exports: {}, children: [], id: path, filename: path };
  const { href: url } = pathToFileURL(path);
  // Node.js resolves from the module that asks, which would be this one.
  const resolve = (id: string): string =>
    /^[./]|^\w[\w+.-]+:/.test(id) ? new URL(id, url).href : pathToFileURL(require.resolve(id)).href;
  const meta = { url, filename: path, dirname: dirname(path), resolve };
  // The modules of the bundle may import too, later.
  if (!isUrl) await importQuietly('node:module', file);
  const scope = isUrl ? [] : [module.exports, require, module, path, dirname(path)];
  run(...scope, meta, (...all: unknown[]) => (taken = all), ...values);
  return taken;
}

async function importedBy({ from, name }: Imported, file: string): Promise<unknown> {
  const namespace = await importQuietly(from, file);
  return name === undefined ? namespace : namespace[name];
}
