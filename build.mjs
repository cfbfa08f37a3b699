/** Bundles what `tsc` has checked: the files that people import, that are run, and that are loaded by their paths. @module */

import { readFileSync, readdirSync } from 'node:fs';
import { build } from 'esbuild';
import { buildCommonJs } from './build/commonjs.mjs';
import { writeDeclarations } from './build/declarations.mjs';

const entries = [
  // What users import: the package, and each layer that stands above it.
  /^src\/index\.ts$/,
  /^src\/[^/]+\/index\.ts$/,
  /^src\/topics\/[^/]+\/(?:index|host)\.ts$/,
  // What is run, and what the demo's threads load.
  /^src\/programs\/[^/]+\/(?:main|job)\.ts$/,
  /^workers\/[^/]+\.ts$/,
  // What a thread loads by its path: hooks that run in a thread of their own, the slicer, the traps.
  /^src\/address\/(?:[^/]+-thread|view\/worker-view|trap\/install)\.ts$/,
  // What the bench measures apart.
  /^src\/codec\/bytes\/bytes\.ts$/,
  // What names the files of threads, where tools that copy the files of a server look for such names.
  /^src\/threads\/start\.ts$/,
];

const sources = ['src', 'workers'].flatMap((folder) =>
  readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
);

await build({
  entryPoints: sources.filter((path) => entries.some((entry) => entry.test(path))),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  ignoreAnnotations: true,
  // What is shorter is read sooner, at each start; the names stay, and the sources are beside it.
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  outdir: 'dist/lib',
  outbase: '.',
  chunkNames: 'src/chunks/[name]-[hash]',
  logLevel: 'warning',
});
await build({
  entryPoints: ['workers/attach.cts'],
  format: 'cjs',
  platform: 'node',
  outfile: 'dist/lib/workers/attach.cjs',
  logLevel: 'warning',
});
await buildCommonJs('dist/lib', readdirSync('dist/lib', { recursive: true }));

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const declared = Object.values(exports).flatMap((entry) => entry.import?.types ?? []);
writeDeclarations(
  'dist',
  declared.map((path) => path.replace(/^\.\/dist\/|\.d\.ts$/g, '')),
);
