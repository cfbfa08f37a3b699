/** What the modules of the library in CommonJS ask of their environment. @module */

'use strict';

const { existsSync } = require('node:fs');
const { dirname, isAbsolute, relative, resolve } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');

const lib = resolve(__dirname, '../..');

/** The environment of the module in the file `path`. */
exports.environmentOf = (path) => {
  const ownRequire = (id) => require(copyOf(id.startsWith('.') ? resolve(dirname(path), id) : id));
  const url = pathToFileURL(path.replace(/\.cjs$/, '.js')).href;
  return {
    /** The URL of the ES module that this is a copy of: other threads load that. */
    url,
    require: Object.assign(ownRequire, { resolve: require.resolve, cache: require.cache }),
    load,

    urlOf: pathToFileURL,
  };
};

/** The copy in CommonJS of one of the library's own modules; for anything else `id` as it is. */
function copyOf(id) {
  if (!isAbsolute(id) || relative(lib, id).startsWith('..')) return id;
  const copy = id.replace(/\.js$/, '.cjs');
  return existsSync(copy) ? copy : id;
}

/** Imports the module at `url`, as Node.js does. */
async function load(url) {
  const path = url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : undefined;
  try {
    if (path !== undefined && copyOf(path) !== path) return require(copyOf(path));
    return await import(url);
  } catch (error) {
    // Code that a test runner runs in a context of its own cannot import, but Node.js itself can.
    const isBarred = /^ERR_VM_(?:DYNAMIC_IMPORT_CALLBACK_MISSING|MODULE)/.test(error?.code ?? '');
    if (!isBarred || path === undefined) throw error;
    const native = process.getBuiltinModule?.('node:module') ?? require('node:module');
    return native.createRequire(__filename)(path);
  }
}
