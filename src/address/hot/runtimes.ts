/** Loads the runtimes of development servers in a thread, anew for each set of modules. @module */

import { createRequire } from 'node:module';
import { after, now } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { isRuntime } from '../bundle/loaded.ts';
import type { Runtime as Turbopack } from '../bundle/turbopack.ts';
import { factoriesOf } from './factories.ts';
import type { HotSpec } from './spec.ts';

/** A runtime with modules of its own. */
export interface Runtime {
  /** Makes `factory` the function of the module `id`; what chunks have for it does not count. */
  add(id: string, factory: Function): void;

  /** Runs the module `id`, once. Resolves once it and what it awaits has completed. */
  run(id: string, chunk: string): Promise<unknown>;
}

/** Longer than a server takes to write the file. */
const patience = 2000;

/** The runtime of `spec`; `undefined` if there is none that can be used. The server may be writing it. */
export async function loadRuntime(spec: HotSpec): Promise<Runtime | undefined> {
  const until = now() + patience;
  for (;;) {
    try {
      const runtime = spec.kind === 'webpack' ? webpackAt(spec) : turbopackAt(spec.runtime);
      if (runtime || now() > until) return runtime;
    } catch (error) {
      if (now() > until) throw error;
    }
    // oxlint-disable-next-line no-await-in-loop
    await new Promise<void>((resolve) => after(20, resolve));
  }
}

/** The exports of the file at `path`, which another world may have loaded, with other modules. */
function loadedAnew(path: string): unknown {
  const require = createRequire(path);
  delete require.cache[path];
  return require(path);
}

function turbopackAt(path: string): Runtime | undefined {
  const runtime = loadedAnew(path) as Turbopack;
  const factories = factoriesOf(path);
  return (
    factories && {
      add: (id, factory) => void factories.set(id, factory),
      run: async (id, chunk) => runtime(chunk).m(id).exports,
    }
  );
}

function webpackAt({ runtime: path, helpers }: HotSpec): Runtime | undefined {
  const require = loadedAnew(path);
  if (!isRuntime(require) || !helpers.every((it) => it in require)) return undefined;
  const run = require as unknown as (id: string) => unknown;
  return {
    // Chunks that the runtime loads assign to its modules.
    add: (id, factory) => void Object.defineProperty(require.m, id, { get: () => factory, set: ignore }),
    run: async (id) => run(id),
  };
}

function ignore(): void {
  // What is there already wins.
}
