/** Finds the file or the package that an import means. @module */

import { statSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageIn, packageOf } from './place.ts';

/** What an import means: a file of the program, or a package with its version. */
export type Meant = { readonly file: string } | { readonly package: string; readonly version: string };

const builtin = new Set(builtinModules);

/** What the import `name` means in the file `from`; `undefined` for a part of Node.js, and for what is not there. */
export function meantBy(name: string, from: string): Meant | undefined {
  if (name.startsWith('node:') || builtin.has(name)) return undefined;
  const path = pathIn(name, from);
  if (path !== undefined) {
    const file = fileAt(path);
    return file === undefined ? undefined : { file };
  }
  if (name.startsWith('#')) return insideOf(name, from);
  const [scope = '', second = ''] = name.split('/');
  const of = name.startsWith('@') ? `${scope}/${second}` : scope;
  return { package: of, version: versionOf(of, from) };
}

function pathIn(name: string, from: string): string | undefined {
  const plain = name.replace(/[?#].*$/, '');
  if (/^\.{1,2}(?:\/|$)/.test(plain)) return resolve(dirname(from), plain);
  if (isAbsolute(plain)) return plain;
  return name.startsWith('file:') ? fileURLToPath(plain) : undefined;
}

/** The forms in which a file may be named: as it is, as TypeScript names it, without its ending, by its folder. */
function fileAt(path: string): string | undefined {
  const typed = path.replace(/\.(?<kind>[mc]?)js(?<x>x?)$/, '.$<kind>ts$<x>');
  const endings = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '.jsx', '.json'];
  const forms = [path, typed, ...endings.map((it) => path + it), ...endings.map((it) => join(path, `index${it}`))];
  return forms.find((form) => statSync(form, { throwIfNoEntry: false })?.isFile());
}

/** A name that the package gives to a part of itself. */
function insideOf(name: string, from: string): Meant | undefined {
  try {
    const file = createRequire(from).resolve(name);
    return isAbsolute(file) ? { file } : undefined;
  } catch {
    return undefined;
  }
}

function versionOf(name: string, from: string): string {
  const own = packageOf(from);
  if (own.name === name) return own.version ?? 'none';
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const found = packageIn(join(folder, 'node_modules', ...name.split('/')));
    if (found) return found.version ?? 'none';
    if (dirname(folder) === folder) return 'missing';
  }
}
