/** Finds, in a thread, a function that stands in a module of a bundle. @module */

import type { Address } from '../address.ts';
import { loadError, supervised } from '../load.ts';
import { allDefinitions } from '../registry.ts';
import type { Definition } from '../registry.ts';
import { choose } from '../twins.ts';
import { locate } from './locate.ts';
import type { Located } from './locate.ts';
import { runModule } from './run-module.ts';
import type { BundleSpec } from './spec.ts';

const runs = new Map<string, Promise<unknown>>();

/**
 * Runs, once in each thread, the module of a bundle in which the function of `address` was wrapped, and gives the
 * function; `undefined` if it was not wrapped while a module of a bundle was being evaluated.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD`, `ERR_OFFLOOP_REENTRY`, `ERR_OFFLOOP_CAPTURE`.
 */
export async function findBundled(address: Address, bundle: BundleSpec): Promise<Definition | undefined> {
  const located = locate(bundle);
  if (!located) return undefined;
  const key = `${address.module.generation} ${located.file} ${located.module.id}`;
  let run = runs.get(key);
  if (!run) runs.set(key, (run = runExplained(located, bundle, address)));
  await run;
  return bundledMatch(address, located.depth);
}

async function runExplained(located: Located, bundle: BundleSpec, { module }: Address): Promise<void> {
  try {
    await supervised(module.url, async () => runModule(located, bundle));
  } catch (error) {
    throw loadError(error, module);
  }
}

/** The function of this thread with the key of `address` that was wrapped at the same places of the bundle. */
export function bundledMatch(address: Address, depth: number = Infinity): Definition | undefined {
  const places = address.bundle?.frames.slice(0, depth + 1) ?? [];
  const twins = allDefinitions().filter(
    (it) =>
      it.signature === address.signature &&
      it.name === address.name &&
      it.hash === address.hash &&
      places.every(({ file, position, inner }, index) => {
        const frame = it.site.frames[index];
        return frame?.file === file && frame.position === position && frame.inner === inner;
      }),
  );
  if (twins.length < 2 && !address.twins) return twins[0];
  return address.twins ? choose(twins, address.twins, address.twins.there) : undefined;
}
