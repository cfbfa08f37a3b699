/** Loads packages that only some users need, and that they install themselves. @module */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OffloopError } from './errors.ts';

/** A package, and the versions of it that work. */
export interface Peer {
  readonly name: string;

  /** The first version that works, and the first major version that was not tried. */
  readonly from: readonly [major: number, minor: number];
  readonly below: number;

  /** The part of the library that needs it. */
  readonly use: string;
}

interface Found {
  readonly path: string;
  readonly version: string;
}

/** What was loaded for this library: it is looked up with files read once, not at each use. */
const loaded = new WeakMap<Peer, unknown>();

/**
 * Loads `peer`, as a module at `from` finds it.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_PEER` if it is not installed, has another version, or cannot be loaded here.
 */
export function loadPeer(peer: Peer, from?: string): unknown {
  if (from === undefined && loaded.has(peer)) return loaded.get(peer);
  const require = createRequire(from ?? import.meta.url);
  const found = findPeer(peer, require);
  try {
    return kept(peer, from, require(found.path));
  } catch (cause) {
    throw unloadable(peer, found.version, cause);
  }
}

/** As {@link loadPeer}, for a package that is an ES module. */
export async function importPeer(peer: Peer, from?: string): Promise<unknown> {
  if (from === undefined && loaded.has(peer)) return loaded.get(peer);
  const found = findPeer(peer, createRequire(from ?? import.meta.url));
  try {
    return kept(peer, from, await import(pathToFileURL(found.path).href));
  } catch (cause) {
    throw unloadable(peer, found.version, cause);
  }
}

function kept(peer: Peer, from: string | undefined, module: unknown): unknown {
  if (from === undefined) loaded.set(peer, module);
  return module;
}

/** Where `peer` is, and its version, which is one of those that work. */
function findPeer({ name, from: [major, minor], below, use }: Peer, require: NodeJS.Require): Found {
  const install = `Run npm install ${name}@^${major}.${minor}`;
  const path = pathOf(name, require);
  if (path === undefined)
    throw new OffloopError('ERR_OFFLOOP_PEER', `Cannot use ${use}: ${name} is not installed. ${install}`);
  const version = versionAt(dirname(path), name);
  const [first = 0, second = 0] = version.split('.').map(Number);
  if (first < major || (first === major && second < minor) || first >= below) {
    const text = `Cannot use ${use}: it needs ${name} from ${major}.${minor} on and below ${below}.0, found ${version}`;
    throw new OffloopError('ERR_OFFLOOP_PEER', `${text}. ${install}`);
  }
  return { path, version };
}

function unloadable({ name, use }: Peer, version: string, cause: unknown): OffloopError {
  const here = `Node.js ${process.version} on ${process.platform} ${process.arch}`;
  return new OffloopError('ERR_OFFLOOP_PEER', `Cannot use ${use}: ${here} cannot load ${name} ${version}`, { cause });
}

function pathOf(name: string, require: NodeJS.Require): string | undefined {
  try {
    const path = require.resolve(name);
    // Bun has a `ws` of its own, and gives its name for the path: the library wants the package.
    return isAbsolute(path) ? path : require.resolve(dirname(require.resolve(`${name}/package.json`)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The version in the file that describes the package: not every package lets it be imported. */
function versionAt(folder: string, name: string): string {
  const file = join(folder, 'package.json');
  if (existsSync(file)) {
    const described = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (described.name === name && described.version !== undefined) return described.version;
  }
  const above = dirname(folder);
  return above === folder ? '0.0.0' : versionAt(above, name);
}
