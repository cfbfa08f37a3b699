/** Finds, in the thread that runs it, the function that an address names. @module */

import type { Address } from './address.ts';
import { shapeOf, specs } from './address-of.ts';
import { sendableNamed } from '../codec/sendable.ts';
import { OffloopError } from '../errors.ts';
import { notFound } from './explain.ts';
import { loadModule } from './load.ts';
import { hashOf, recordOf, textOf } from './registry.ts';
import type { Definition } from './registry.ts';
import { setupsDone } from './setup.ts';
import { guardEntry } from './view-hook.ts';

/** What a thread runs for an address. */
export type Target = Pick<Definition, 'fn' | 'name' | 'instance' | 'owner'>;

/**
 * Loads the module of `address`, once a thread, and gives its function.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD`, `ERR_OFFLOOP_TYPESCRIPT`, `ERR_OFFLOOP_NOT_FOUND`, `ERR_OFFLOOP_CAPTURE`.
 */
export async function find(address: Address): Promise<Target> {
  if (address.entry) guardEntry(address.entry);
  const { url, exports } = await loadModule(address.module);
  await setupsDone();
  const record = recordOf(url);
  if (record) specs.set(record, address.module);
  const definitions = record?.definitions ?? [];
  const found = address.exported ? exportOf(address, exports) : match(address, definitions);
  if (!found)
    throw notFound(
      address,
      definitions.map(({ name }) => name),
    );
  return address.on === undefined ? found : inheritedBy(address.on, found);
}

/** The static method `found` as the class inherits it that is registered as `name`. */
function inheritedBy(name: string, found: Target): Target {
  const owner = sendableNamed(name);
  if (owner && Object.prototype.isPrototypeOf.call(found.owner as object, owner)) return { ...found, owner };
  const text = `Cannot call ${found.name} of ${name}: no module that the worker thread has loaded registers the class`;
  throw new OffloopError(
    'ERR_OFFLOOP_NOT_FOUND',
    `${text}. Import it in the module that has the method, or stand it there`,
  );
}

/** The function that the module exports under its own name, if its text is the same. */
function exportOf({ name, hash }: Address, exports: Readonly<Record<string, unknown>>): Target | undefined {
  const { [name]: fn } = exports;
  if (typeof fn !== 'function' || hashOf(textOf(fn)) !== hash) return undefined;
  return { fn, name, instance: false, owner: undefined };
}

/**
 * The entry with the same ordinal and key; else the only one with the same key (another order); else, only where the
 * main thread runs another text than the file's, the entry with the same ordinal in an equal list of signatures. Never
 * a near match: a wrong function that answers is worse than none.
 */
export function match(address: Address, definitions: readonly Definition[]): Definition | undefined {
  const isSame = (it: Definition): boolean =>
    it.signature === address.signature && it.name === address.name && it.hash === address.hash;
  const at = definitions[address.index];
  if (at && isSame(at)) return at;
  const same = definitions.filter(isSame);
  if (same.length === 1) return same[0];
  if (same.length > 1 || !address.top || address.shape.length === 0) return undefined;
  const shape = shapeOf(definitions);
  const isEqual = shape.length === address.shape.length && shape.every((item, i) => item === address.shape[i]);
  return isEqual ? at : undefined;
}
