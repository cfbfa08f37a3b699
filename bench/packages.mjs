/** The packages that the contestants need: which are installed, and in which version. @module */

import { existsSync, readFileSync } from 'node:fs';

/** Whether `name` can be imported from here. */
export function isInstalled(name) {
  return manifestOf(name) !== undefined;
}

/** The version of the installed package `name`. */
export function versionOf(name) {
  return manifestOf(name)?.version;
}

/** The version of this package. */
export function ownVersion() {
  return read(new URL('../package.json', import.meta.url)).version;
}

/** Searches the folders as `import` does, because the `exports` of a package may hide its `package.json`. */
function manifestOf(name) {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    const file = new URL(`node_modules/${name}/package.json`, folder);
    if (existsSync(file)) return read(file);
    if (folder.pathname === new URL('../', folder).pathname) return undefined;
  }
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
