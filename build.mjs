/** Bundles what `tsc` has checked: the files that people import, that are run, and that are loaded by their paths. @module */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, transform } from 'esbuild';
import { buildCommonJs } from './build/commonjs.mjs';
import { writeDeclarations } from './build/declarations.mjs';
import { mergeChunks } from './build/merge-chunks.mjs';

const entries = [
  // What users import: the package, and each layer that stands above it.
  /^src\/index\.ts$/,
  /^src\/[^/]+\/index\.ts$/,
  /^src\/topics\/[^/]+\/(?:index|host)\.ts$/,
  // What is run, and what the demo's threads load.
  /^src\/programs\/[^/]+\/(?:main|job)\.ts$/,
  /^workers\/[^/]+\.ts$/,
  // What a thread loads by its path: hooks that run in a thread of their own, the slicer, the traps.
  /^src\/address\/(?:load\/[^/]+-thread|view\/worker-view|trap\/install)\.ts$/,
  // What the bench measures apart.
  /^src\/codec\/bytes\/bytes\.ts$/,
  // What names the files of threads, where tools that copy the files of a server look for such names.
  /^src\/threads\/start\.ts$/,
];

const sources = ['src', 'workers'].flatMap((folder) =>
  readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
);

/** Gives the text of a page, with the files in it that its comments name: of its own folder, or of uPlot. */
const pages = {
  name: 'pages',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.html$/ }, async ({ path }) => {
      let text = readFileSync(path, 'utf8');
      for (const [comment, name] of text.matchAll(/\/\* (\S+\.(?:css|js)) \*\//g)) {
        const file = join(name.startsWith('uPlot') ? 'node_modules/uplot/dist' : dirname(path), name);
        const { code } = await transform(readFileSync(file, 'utf8'), {
          loader: name.endsWith('css') ? 'css' : 'js',
          minify: true,
        });
        text = text.replace(comment, () => code.trim().replaceAll('</script', '<\\/script'));
      }
      return { contents: text, loader: 'text' };
    }),
};

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
  // Node.js shows the line at which an error that nobody catches was thrown.
  lineLimit: 120,
  sourcemap: true,
  sourcesContent: false,
  outdir: 'dist/lib',
  outbase: '.',
  chunkNames: 'src/chunks/[name]-[hash]',
  logLevel: 'warning',
  plugins: [pages],
});
await mergeChunks('dist/lib');
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
