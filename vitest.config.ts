import { availableParallelism } from 'node:os';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { unloadedFiles } from './test/support/runtimes/known.ts';
import { runtime } from './test/support/runtimes/runtime.ts';

const isForDevelopers =
  process.env['OFFLOOP_TESTS'] === undefined && !process.argv.some((argument) => argument.includes('.long'));

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * With `--mode built`, as `npm test` has just built them, tests load the modules of `src` from `dist`, by Node.js itself: half
 * of the time a file of tests takes to load would go by, module by module, in turning TypeScript into JavaScript again.
 */
const built = {
  name: 'built',
  enforce: 'pre',
  resolveId(id: string, importer: string | undefined) {
    if (importer === undefined || !id.startsWith('.') || !id.endsWith('.ts')) return undefined;
    const file = resolve(dirname(importer), id);
    const source = here + 'src' + sep;
    if (!file.startsWith(source)) return undefined;
    return { id: resolve(here, 'dist/src', file.slice(source.length, -2) + 'js'), external: true };
  },
} as const;

export default defineConfig(({ mode }) => ({
  plugins: mode === 'built' ? [built] : [],
  test: {
    include: ['test/**/*.test.ts'],
    // What takes long, where a developer waits for all of it; CI says which form it wants, and so does whoever names a file.
    exclude: [
      '**/node_modules/**',
      ...(isForDevelopers ? ['test/**/*.long.test.ts'] : []),
      ...unloadedFiles(runtime).map((file) => `test/${file}`),
    ],
    // Bun and Deno lack some of what Node.js has.
    setupFiles: runtime ? ['test/support/runtimes/skip.ts'] : [],
    pool: 'forks',
    // Many tests wait for threads and processes: with a worker more than processors these are not idle meanwhile.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/dist\//] } },
  },
}));
