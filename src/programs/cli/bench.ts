/** `offloop bench`: runs the benchmarks, which stand beside the code as plain modules. @module */

import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { BenchArguments } from './args.ts';
import { manifestPath } from './manifest.ts';

interface BenchModule {
  bench(options: BenchArguments): Promise<number>;
}

/** Runs the rows that are asked for and tells the exit code: 1 if one of those that took part failed, 2 for no such row. */
export async function benchCommand(options: BenchArguments): Promise<number> {
  const path = join(dirname(manifestPath()), 'bench/index.mjs');
  const { bench } = (await import(pathToFileURL(path).href)) as BenchModule;
  return bench(options);
}
