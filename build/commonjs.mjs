/**
 * Writes a CommonJS copy of each module of `dist/lib` beside it, for what cannot load ES modules: `index.cjs` beside
 * `index.js`. The copies share their parts as the originals do. Threads run the ES modules. @module
 */

import { appendFileSync, copyFileSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { parse } from 'acorn';
import { build } from 'esbuild';

/** What runs in threads and at the command line only, where Node.js loads ES modules. */
const excluded = /^(?:workers|src[\\/]programs|src[\\/]codec[\\/]bytes)[\\/]|-thread\.js$/;

/** Packages that are ES modules only: each becomes one file, with what it needs. */
const bundled = ['p-queue'];

/** Where these are, and what a copy asks of its environment. */
const support = 'src/commonjs';

/** Copies the modules in the folder `lib` that have the paths `files` there. */
export async function buildCommonJs(lib, files) {
  const options = {
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // `import()` of a package becomes `require`: some test runners, which run modules by themselves, have no other.
    supported: { 'dynamic-import': false },
    outExtension: { '.js': '.cjs' },
    logLevel: 'warning',
  };
  // What imports such a package takes its default export, as Node.js gives it for CommonJS.
  const footer = { js: 'module.exports = module.exports.default;' };
  await build({ ...options, entryPoints: bundled, outdir: join(lib, support), footer });
  copyFileSync(new URL('environment.cjs', import.meta.url), join(lib, support, 'environment.cjs'));
  const copied = files.filter((file) => file.endsWith('.js') && !excluded.test(file));
  await build({
    ...options,
    entryPoints: copied.map((file) => join(lib, file)),
    outdir: lib,
    outbase: lib,
    plugins: [beside(lib)],
  });
  // Output file tracing takes `require` to mean this build, yet Node.js may load the ES module, which has to be there.
  for (const entry of copied.filter((file) => basename(file) === 'index.js'))
    appendFileSync(join(lib, entry).replace(/js$/, 'cjs'), "(() => require.resolve('./index.js'));\n");
}

/** Leaves every import in place, under its name in CommonJS. */
function beside(lib) {
  return {
    name: 'beside',
    setup(on) {
      on.onResolve({ filter: /.*/ }, ({ path, kind, importer }) => {
        if (kind === 'entry-point') return undefined;
        if (kind === 'require-resolve') return { path, external: true };
        if (bundled.includes(path)) return { path: `${wayTo(lib, importer)}${support}/${path}.cjs`, external: true };
        return { path: path.startsWith('.') ? path.replace(/\.js$/, '.cjs') : path, external: true };
      });
      on.onLoad({ filter: /\.js$/ }, ({ path }) => ({ contents: adapted(path, lib), loader: 'js' }));
    },
  };
}

/** The text of the module at `path` with the parts of its environment that CommonJS lacks. */
function adapted(path, lib) {
  const text = readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
  const changes = changesTo(parse(text, { ecmaVersion: 'latest', sourceType: 'module' })).toSorted(
    (a, b) => b.start - a.start,
  );
  if (changes.length === 0) return text;
  const adaptedText = changes.reduce((all, { start, end, to }) => all.slice(0, start) + to + all.slice(end), text);
  const environment = `${wayTo(lib, path)}${support}/environment.cjs`;
  return `const ownEnvironment = require('${environment}').environmentOf(__filename);\n${adaptedText}`;
}

/** The places in `node` that name the module's URL, make a `require` for it, or import what is known only when it runs. */
function changesTo(node) {
  if (node === null || typeof node !== 'object') return [];
  if (Array.isArray(node)) return node.flatMap(changesTo);
  const { type, start, end } = node;
  if (type === 'ImportExpression' && node.source.type !== 'Literal')
    return [{ start, end: start + 'import'.length, to: 'ownEnvironment.load' }, ...changesTo(node.source)];
  if (type === 'CallExpression' && isOwnRequire(node)) return [{ start, end, to: 'ownEnvironment.require' }];
  // Output file tracing, which copies the files that a server needs, finds files that are named in this way.
  if (type === 'NewExpression' && node.callee.name === 'URL' && isUrlOfFile(node.arguments))
    return [{ start, end, to: `ownEnvironment.urlOf(require.resolve(${node.arguments[0].raw}))` }];
  if (type === 'MemberExpression' && isOwnUrl(node)) return [{ start, end, to: 'ownEnvironment.url' }];
  return Object.values(node).flatMap(changesTo);
}

const isOwnRequire = ({ callee, arguments: [from] }) =>
  /^createRequire\d*$/.test(callee.name ?? '') && from?.type === 'MemberExpression' && isOwnUrl(from);

const isUrlOfFile = ([name, from]) => name?.type === 'Literal' && from?.type === 'MemberExpression' && isOwnUrl(from);

const isOwnUrl = ({ object, property }) => object.type === 'MetaProperty' && property.name === 'url';

/** The way from the file `from` to the folder `lib`, with a slash at its end. */
function wayTo(lib, from) {
  return '../'.repeat(relative(lib, from).split(sep).length - 1) || './';
}
