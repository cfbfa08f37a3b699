/** Where a module lives, in words that are the same on every machine. @module */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** The package that a file belongs to. */
export interface PackageOf {
  readonly root: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** The package of the file at `path`: the nearest `package.json` above it that has a name, else the nearest at all. */
export function packageOf(path: string): PackageOf {
  let nearest: PackageOf | undefined;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = packageIn(folder);
    if (found?.name !== undefined) return found;
    nearest ??= found;
    if (dirname(folder) === folder) return nearest ?? { root: dirname(path), name: undefined, version: undefined };
  }
}

/** The package whose `package.json` is in `folder`, if there is one. */
export function packageIn(folder: string): PackageOf | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  try {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown; version?: unknown };
    const text = (it: unknown): string | undefined => (typeof it === 'string' && it !== '' ? it : undefined);
    return { root: folder, name: text(name), version: text(version) };
  } catch {
    // A file that cannot be read describes no package.
    return { root: folder, name: undefined, version: undefined };
  }
}

/** The name of the module at `path`: that of its package, and its path in there. The machine's folders are no part of it. */
export function moduleName(path: string): string {
  const { root, name = '.' } = packageOf(path);
  return `${name}/${relative(root, path).split(sep).join('/')}`;
}
