/** Finds, in a thread, a function that stands in a module of a bundle. @module */

import type { Address } from '../address.ts';
import { loadError, supervised } from '../load/load.ts';
import { allDefinitions } from '../registry.ts';
import type { Definition } from '../registry.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { shortName } from '../file-url.ts';
import { choose } from '../scopes/twins.ts';
import { locate } from './locate.ts';
import type { Located } from './locate.ts';
import { runModule, shiftIn } from './run-module.ts';
import type { BundleFrame, BundleSpec } from './spec.ts';

/** The runs of modules, each with the highest `id` of what was registered until its end. */
const runs = new Map<string, Promise<number>>();

/**
 * Runs, once in each thread, the module of a bundle in which the function of `address` was wrapped, and gives the
 * function; `undefined` if it was not wrapped while a module of a bundle was being evaluated.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if the module does not register the function in this thread.
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if the module throws, `ERR_OFFLOOP_REENTRY` if it is the program's first.
 */
export async function findBundled(address: Address, bundle: BundleSpec): Promise<Definition | undefined> {
  const located = locate(bundle);
  if (!located) return undefined;
  const key = `${address.module.generation} ${located.file} ${located.module.id}`;
  let run = runs.get(key);
  if (!run) {
    // The program's own file may have run the module already, for a function of its own.
    const known = bundledMatch(address, located.depth);
    run = known ? Promise.resolve(lastId()) : runExplained(located, bundle, address);
    runs.set(key, run);
  }
  const found = bundledMatch(address, located.depth, await run);
  if (found) return found;
  const names = namesIn(located).map((name) => name || '<anonymous>');
  throw new OffloopError(
    'ERR_OFFLOOP_LOAD',
    `Cannot find ${address.name || 'the function'}: module ${located.module.id} of ${shortName(located.file)} registered ` +
      `${names.join(', ') || 'nothing'} in a worker thread. Let it register the same functions in both; if files of the program have changed since it started, start it again`,
  );
}

/** The names of the functions of this thread that were wrapped in the module. */
function namesIn({ file, module: { node } }: Located): string[] {
  const isIn = (frame: BundleFrame): boolean =>
    frame.file === file && node.start <= frame.position && frame.position < node.end + shiftIn(file);
  return allDefinitions().flatMap(({ name, site }) => (site.frames.some(isIn) ? name : []));
}

/** The highest `id` of what this thread has registered. */
function lastId(): number {
  return allDefinitions().reduce((last, { id }) => Math.max(last, id), 0);
}

async function runExplained(located: Located, bundle: BundleSpec, { module }: Address): Promise<number> {
  try {
    await supervised(module.url, async () => runModule(located, bundle));
    return lastId();
  } catch (error) {
    throw loadError(error, module);
  }
}

/**
 * The function of this thread with the key of `address` that was wrapped at the same places of the bundle, as far as `last`,
 * an `id`: another evaluation of the same text may follow, as a part of the program's own file.
 */
function bundledMatch(address: Address, depth: number, last = Infinity): Definition | undefined {
  const places = address.bundle?.frames.slice(0, depth + 1) ?? [];
  const twins = allDefinitions().filter(
    (it) =>
      it.id <= last &&
      it.signature === address.signature &&
      it.name === address.name &&
      it.hash === address.hash &&
      places.every(({ file, position, inner }, index) => {
        const frame = it.site.frames[index];
        return frame?.file === file && frame.position === position + shiftIn(file) && frame.inner === inner;
      }),
  );
  if (twins.length < 2 && !address.twins) return twins[0];
  return address.twins ? choose(twins, address.twins, address.twins.there) : undefined;
}
