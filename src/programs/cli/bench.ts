/** `offloop bench`: runs the benchmarks, which stand beside the code as plain modules. @module */

import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { BenchArguments } from './args.ts';
import { manifestPath } from './manifest.ts';

interface BenchModule {
  bench(options: BenchArguments): Promise<number>;
}

/** Runs the selected rows and gives the exit code: 1 if a contestant failed, 2 if there is no such row. */
export async function benchCommand(options: BenchArguments): Promise<number> {
  const path = join(dirname(manifestPath()), 'bench/index.mjs');
  const { bench } = (await import(pathToFileURL(path).href)) as BenchModule;
  return bench(options);
}
