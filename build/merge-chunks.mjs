/**
 * Merges the chunks of the bundle into few files: a thread and an import pay for each file, however small it is. @module
 */

import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rollup } from 'rollup';

/** What is loaded beside the library, or without it, and must not load the rest of it. */
const alone = ['src/sse/index.js'];
const light = [
  ...alone,
  'src/address/load/transform-hook-thread.js',
  'src/address/load/view-hook-thread.js',
  'src/address/view/worker-view.js',
  'src/address/trap/install.js',
];

/**
 * Merges the chunks in `folder`. A chunk that all of its importers load anyway comes to one of four files: what pages of
 * servers need, what hooks and traps need, what a thread needs, what the package needs. Each imports from those before it.
 */
export async function mergeChunks(folder) {
  const files = readdirSync(folder, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.js'));
  const entries = files.filter((name) => !name.startsWith(chunks));
  const reach = new Map(entries.map((entry) => [entry, reachable(folder, entry)]));
  const isReached = (file, from) => from.some((entry) => reach.get(entry)?.has(file));

  const groupOf = (path) => {
    const file = path.slice(folder.length + 1);
    if (!file.startsWith(chunks) || !isReached(file, ['src/index.js'])) return undefined;
    if (!isReached(file, ['workers/lane.js'])) return 'main';
    if (isReached(file, alone)) return 'base';
    return isReached(file, light) ? 'hooks' : 'thread';
  };

  const merged = `${folder}-merged`;
  const bundle = await rollup({
    input: Object.fromEntries(entries.map((name) => [name.slice(0, -'.js'.length), join(folder, name)])),
    external: (id) => !id.startsWith('.') && !id.startsWith(folder) && !id.startsWith('/'),
    treeshake: false,
    plugins: [mapped],
    onwarn: ({ code, message }) => {
      if (code !== 'CIRCULAR_DEPENDENCY' && code !== 'UNUSED_EXTERNAL_IMPORT') throw new Error(message);
    },
  });
  await bundle.write({
    dir: merged,
    format: 'esm',
    sourcemap: true,
    sourcemapExcludeSources: true,
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    manualChunks: (id) => groupOf(id.slice(id.lastIndexOf(folder))),
    entryFileNames: '[name].js',
    chunkFileNames: `${chunks}[name]-[hash].js`,
  });
  await bundle.close();
  rmSync(folder, { recursive: true });
  renameSync(merged, folder);
}

const chunks = 'src/chunks/';

/** The files that `entry` imports, itself included; not those that it imports later. */
function reachable(folder, entry) {
  const found = new Set();
  const pending = [entry];
  for (let file; (file = pending.pop()) !== undefined;) {
    if (found.has(file)) continue;
    found.add(file);
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, path] of text.matchAll(/\b(?:from|import)\s*"(\.[^"]+)"/g)) pending.push(join(dirname(file), path));
  }
  return found;
}

/** Lets the source maps of the chunks become part of the new ones. */
const mapped = {
  name: 'mapped',
  load: (id) => ({ code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') }),
};
