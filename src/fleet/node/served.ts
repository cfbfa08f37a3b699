/** The modules that a node serves, and the functions in them. @module */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Address } from '../../address/address.ts';
import { match } from '../../address/find/find.ts';
import { recordOf } from '../../address/registry.ts';
import type { Definition, ModuleRecord } from '../../address/registry.ts';
import { definitionOf } from '../../address/wrapped.ts';
import { OffloopError } from '../../base/errors.ts';
import { codeOf } from '../code/code.ts';
import type { Code } from '../code/code.ts';
import { malformed } from '../values/frame.ts';

/** A module that is served. */
export interface Served {
  readonly code: Code;
  readonly definitions: readonly Definition[];
}

/**
 * Imports `modules`, each a path or the name of a package as it is seen from `folder`. What they wrap is served, and what
 * they export that another module wraps.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if one cannot be imported, `ERR_OFFLOOP_NO_MODULE` if one wraps nothing.
 */
export async function loadServed(modules: readonly string[], folder: string): Promise<Served[]> {
  const found = new Map<ModuleRecord, Set<Definition>>();
  for (const name of modules) {
    const url = urlOf(name, folder);
    // One after the other: what they print stays together.
    // oxlint-disable-next-line no-await-in-loop
    const definitions = await wrappedBy(url, name);
    for (const it of definitions) {
      if (!it.record) continue;
      const known = found.get(it.record) ?? new Set();
      found.set(it.record, known.add(it));
    }
  }
  return Array.from(found, ([{ url }, definitions]) => ({ code: codeOf(url), definitions: [...definitions] }));
}

function urlOf(name: string, folder: string): string {
  const path = resolve(folder, name);
  if (existsSync(path)) return pathToFileURL(path).href;
  try {
    return pathToFileURL(createRequire(join(folder, 'x.js')).resolve(name)).href;
  } catch (cause) {
    throw new OffloopError('ERR_OFFLOOP_LOAD', `Cannot find the module ${name} from ${folder}`, { cause });
  }
}

async function wrappedBy(url: string, name: string): Promise<Definition[]> {
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OffloopError('ERR_OFFLOOP_LOAD', `Cannot import the module ${name}: ${why}`, { cause });
  }
  const exported = Object.values(exports).flatMap((value) => definitionOf(value) ?? []);
  const definitions = [...(recordOf(url)?.definitions ?? []), ...exported].filter(({ site }) => site.top);
  if (definitions.length > 0) return definitions;
  const text = `Cannot serve the module ${name}: it wraps no function at its top level, and exports none that is wrapped`;
  throw new OffloopError('ERR_OFFLOOP_NO_MODULE', text);
}

/**
 * The function that a caller means by `key`, which may come from anybody: one that is served, or none.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if there is none, `ERR_OFFLOOP_BYTES` if `key` is no key.
 */
export function functionAt({ code, definitions }: Served, key: unknown): Definition {
  const address = addressIn(key);
  const found = match(address, definitions);
  if (found) return found;
  const name = address.name || 'the function';
  throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', `Cannot find ${name} in ${code.module} (${code.hash}) at the node`);
}

function addressIn(key: unknown): Address {
  const { index, name, signature, hash, signatures, top, twins, at } = Object(key) as Readonly<Record<string, unknown>>;
  const areTexts = [name, signature, hash, at].every((it) => typeof it === 'string');
  const areNames = Array.isArray(signatures) && signatures.every((it) => typeof it === 'string');
  if (!areTexts || !areNames || !Number.isSafeInteger(index) || typeof top !== 'boolean' || !areTwins(twins))
    throw malformed();
  return { index, name, signature, hash, signatures, top, twins, at, exported: false } as unknown as Address;
}

function areTwins(twins: unknown): boolean {
  if (twins === undefined) return true;
  const { captured, all, there } = Object(twins) as Readonly<Record<string, unknown>>;
  const isGroup = (it: unknown): boolean => {
    const { size, index } = Object(it) as Readonly<Record<string, unknown>>;
    return Number.isSafeInteger(size) && Number.isSafeInteger(index);
  };
  const areValues = captured === undefined || Object.values(Object(captured) as object).every(isText);
  return areValues && isGroup(all) && isGroup(there);
}

const isText = (it: unknown): boolean => typeof it === 'string';
