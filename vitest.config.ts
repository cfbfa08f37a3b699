import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const isForDevelopers =
  process.env['OFFLOOP_TESTS'] === undefined && !process.argv.some((argument) => argument.includes('.long'));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What takes long, where a developer waits for all of it; CI says which form it wants, and so does whoever names a file.
    exclude: ['**/node_modules/**', ...(isForDevelopers ? ['test/**/*.long.test.ts'] : [])],
    pool: 'forks',
    // Many tests wait for threads and processes: with a worker more than processors these are not idle meanwhile.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/dist\//] } },
  },
});
