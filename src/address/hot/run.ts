/** Runs modules of development servers in a thread, by the texts that the main thread has. @module */

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { compileFunction, constants } from 'node:vm';
import { OffloopError } from '../../base/errors.ts';
import { importQuietly } from '../bundle/import-quietly.ts';
import { importLibrary } from '../own-files.ts';
import { recordOf } from '../registry.ts';
import type { ModuleRecord } from '../registry.ts';
import { hotUrl, worldNow } from './module.ts';
import { loadRuntime } from './runtimes.ts';
import type { Runtime } from './runtimes.ts';
import type { HotSpec } from './spec.ts';

/** A runtime, with modules that were all there at one time. */
interface World {
  readonly number: number;
  readonly path: string;
  readonly runtime: Promise<Runtime>;
  readonly texts: Map<string, string>;

  /** What the modules that were run have registered, by their ids. */
  readonly records: Map<string, ModuleRecord | undefined>;
}

const worlds = new Set<World>();
let count = 0;

/**
 * Runs the module of `spec`, once for each text that it and its imports have had. Modules with the same texts are shared,
 * as they are on the main thread. Resolves with what the module has registered.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if the module was edited before its texts were asked for.
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if the texts are not to be had.
 */
export async function runHot(spec: HotSpec): Promise<ModuleRecord | undefined> {
  const { kind, chunk, id, texts } = spec;
  if (texts === 'unreadable') throw unreadable(spec);
  if (id === undefined || texts === 'edited') throw edited(spec);
  const all = Object.entries(JSON.parse(new TextDecoder().decode(new Uint8Array(texts).slice())) as object) as [
    id: string,
    text: string,
  ][];
  const world = worldWith(spec, all);
  const lacking = all.filter(([key]) => !world.texts.has(key));
  for (const [key, text] of lacking) world.texts.set(key, text);
  await importLibrary();
  const runtime = await world.runtime;
  // The modules may import too.
  await importQuietly('node:module', chunk);
  for (const [key, text] of lacking) runtime.add(key, compiled(key, text, spec));
  await worldNow.run(world.number, async () => runtime.run(id, chunk));
  if (!world.records.has(id)) {
    // Modules that functions import when they run are evaluated outside of what is said above.
    world.records.set(id, recordOf(hotUrl(kind, id, world.number)) ?? recordOf(hotUrl(kind, id)));
  }
  return world.records.get(id);
}

/** The newest world in which no module has another text; a new one if there is none. */
function worldWith(spec: HotSpec, all: readonly (readonly [id: string, text: string])[]): World {
  const isIn = ({ path, texts }: World): boolean =>
    path === spec.runtime && all.every(([key, text]) => (texts.get(key) ?? text) === text);
  const known = [...worlds].findLast(isIn);
  if (known) return known;
  const runtime = loadRuntime(spec).then((it) => {
    if (!it) throw unreadable(spec);
    return it;
  });
  const world: World = { number: (count += 1), path: spec.runtime, runtime, texts: new Map(), records: new Map() };
  worlds.add(world);
  runtime.catch(() => worlds.delete(world));
  return world;
}

/** The function of a module. Its name tells the module to whoever reads the stack. */
function compiled(id: string, text: string, { chunk }: HotSpec): Function {
  // A method of a table has a key before its parameters.
  const isMethod = /^(?:async\s*)?["'\d[]/.test(text);
  const [head, tail] = isMethod ? ['return Object.values({', '})[0]'] : ['return (', ')'];
  const options = {
    filename: `${pathToFileURL(chunk).href}?id=${encodeURIComponent(id)}`,
    columnOffset: -head.length,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  };
  const make = compileFunction(`${head}${text}\n${tail}`, ['require'], options) as (
    require: NodeJS.Require,
  ) => Function;
  return make(createRequire(chunk));
}

const edited = ({ id = 'the function' }: HotSpec): OffloopError =>
  new OffloopError(
    'ERR_OFFLOOP_NOT_FOUND',
    `Cannot load ${id} in a worker thread: it was edited since the program loaded it; ` +
      'functions are found again once the program has loaded what is there now',
  );

const unreadable = ({ id, kind }: HotSpec): OffloopError =>
  new OffloopError(
    'ERR_OFFLOOP_LOAD',
    `Cannot load ${id} in a worker thread: the runtime of ${kind} does not show its modules, because it is of a version ` +
      `that is not known, or Node.js has no inspector here. Start the development server ${kind === 'webpack' ? 'without' : 'with'} --webpack`,
  );
