/** Runs modules of Turbopack's development server in a thread, by the texts that the main thread has. @module */

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { compileFunction, constants } from 'node:vm';
import { OffloopError } from '../../base/errors.ts';
import { recordOf } from '../registry.ts';
import type { ModuleRecord } from '../registry.ts';
import { factoriesOf } from './factories.ts';
import type { Factories } from './factories.ts';
import type { HotSpec } from './spec.ts';
import type { Runtime } from './turbopack.ts';

/** A runtime, with modules that were all there at one time. */
interface World {
  readonly path: string;
  readonly runtime: Runtime;
  readonly factories: Factories;
  readonly texts: Map<string, string>;

  /** What the modules that were run have registered, by their ids. */
  readonly records: Map<string, ModuleRecord | undefined>;
}

const worlds: World[] = [];

/**
 * Runs the module of `spec`, once for each text that it and its imports have had. Modules with the same texts are shared,
 * as they are on the main thread. Resolves with what the module has registered under `url`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if the module was edited before its texts were asked for.
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if the texts are not to be had.
 */
export async function runHot(spec: HotSpec, url: string): Promise<ModuleRecord | undefined> {
  const { chunk, id, runtime: path, texts } = spec;
  if (id === undefined || texts === 'edited') throw edited(spec);
  if (texts === 'unreadable') throw unreadable(spec);
  const all = Object.entries(JSON.parse(new TextDecoder().decode(new Uint8Array(texts).slice())) as object) as [
    id: string,
    text: string,
  ][];
  const isIn = (world: World): boolean =>
    world.path === path && all.every(([key, text]) => (world.texts.get(key) ?? text) === text);
  let world = worlds.findLast(isIn);
  if (!world) worlds.push((world = newWorld(spec)));
  for (const [key, text] of all) {
    if (world.texts.has(key)) continue;
    world.texts.set(key, text);
    world.factories.set(key, compiled(key, text, chunk));
  }
  await world.runtime(chunk).m(id).exports;
  if (!world.records.has(id)) world.records.set(id, recordOf(url));
  return world.records.get(id);
}

function newWorld(spec: HotSpec): World {
  const { runtime: path } = spec;
  const require = createRequire(path);
  // Another world may have it, with other modules.
  delete require.cache[path];
  const runtime = require(path) as Runtime;
  const factories = factoriesOf(path);
  if (!factories) throw unreadable(spec);
  return { path, runtime, factories, texts: new Map(), records: new Map() };
}

/** The function of a module. Its name tells the module to whoever reads the stack. */
function compiled(id: string, text: string, chunk: string): Function {
  const options = {
    filename: `${pathToFileURL(chunk).href}?id=${encodeURIComponent(id)}`,
    columnOffset: -head.length,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  };
  const make = compileFunction(`${head}${text}\n)`, ['require'], options) as (require: NodeJS.Require) => Function;
  return make(createRequire(chunk));
}

const head = 'return (';

const edited = ({ id = 'the function' }: HotSpec): OffloopError =>
  new OffloopError(
    'ERR_OFFLOOP_NOT_FOUND',
    `Cannot load ${id} in a worker thread: it was edited since the program loaded it; ` +
      'functions are found again once the program has loaded what is there now',
  );

const unreadable = ({ id }: HotSpec): OffloopError =>
  new OffloopError(
    'ERR_OFFLOOP_LOAD',
    `Cannot load ${id} in a worker thread: the runtime of Turbopack does not show its modules, because it is of a version ` +
      'that is not known, or Node.js has no inspector here. Start the development server with --webpack',
  );
