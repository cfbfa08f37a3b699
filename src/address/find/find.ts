/** Finds, in the thread that runs the call, the function of an address. @module */

import type { Address } from '../address.ts';
import { signaturesOf, specs } from './address-of.ts';
import { sendableNamed } from '../../codec/sendable.ts';
import { OffloopError } from '../../base/errors.ts';
import { indistinct, notFound } from './explain.ts';
import { isLate, wasLate } from './late.ts';
import { loadModule } from '../load/load.ts';
import type { LoadedModule } from '../load/load.ts';
import { hashOf } from '../hash.ts';
import { recordOf, textOf } from '../registry.ts';
import type { Definition } from '../registry.ts';
import { refuseChanged } from './refusals.ts';
import { setupsDone } from '../setup.ts';
import { trapIfKnown } from '../load/traps.ts';
import { areOne, tellApart, twinsOf } from '../scopes/twins.ts';
import { guardEntry } from '../load/view-hook.ts';

/** The function that a thread runs for an address. */
export type Target = Pick<Definition, 'fn' | 'source' | 'name' | 'instance' | 'owner' | 'overlaps'>;

/**
 * Loads the module of `address`, once in each thread, and gives the function of `address`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD`, `ERR_OFFLOOP_TYPESCRIPT`, `ERR_OFFLOOP_NOT_FOUND`, `ERR_OFFLOOP_CAPTURE`.
 */
export async function find(address: Address): Promise<Target> {
  if (address.entry && !address.bundle) guardEntry(address.entry);
  await trapIfKnown(address.module);
  if (address.bundle) {
    // Imported on demand: it parses the bundle, and most programs are none.
    const { findBundled } = await import('../bundle/find-bundled.ts');
    const found = await findBundled(address, address.bundle);
    if (found) return address.on === undefined ? found : inheritedBy(address.on, found);
    if (!address.top) throw notFound(address, []);
  }
  const { url, view, exports, record = recordOf(url) } = await loadFor(address);
  await setupsDone();
  if (record) {
    specs.set(record, address.module);
    record.isView = view;
  }
  const definitions = record?.definitions ?? [];
  const found = address.exported ? exportOf(address, exports) : matchEarly(address, definitions);
  if (!found) throw missing(address, definitions);
  if (view) refuseChanged(address, 'hash' in found ? String(found.hash) : address.hash);
  return address.on === undefined ? found : inheritedBy(address.on, found);
}

function matchEarly(address: Address, definitions: readonly Definition[]): Definition | undefined {
  const found = match(address, definitions);
  if (found && wasLate(found)) throw missing(address, []);
  return found;
}

/**
 * Loads the module of `address`. Code that wraps a function and calls it at once ends the load: then no thread
 * registers it.
 */
async function loadFor(address: Address): Promise<LoadedModule> {
  try {
    return await loadModule(address.module);
  } catch (error) {
    if (error instanceof OffloopError && error.code === 'ERR_OFFLOOP_REENTRY' && isLate(address))
      throw missing(address, []);
    throw error;
  }
}

function missing(address: Address, definitions: readonly Definition[]): OffloopError {
  const twins = twinsOf(address, address.top, definitions);
  const names = definitions.map(({ name }) => name);
  const { served, hot } = address.module;
  const isEdited = (served ?? hot) !== undefined && twins.length !== (address.twins?.all.size ?? 1);
  return twins.length > 0 && !isEdited ? indistinct(address, twins.length) : notFound(address, names);
}

/** The static method `found`, with the class registered as `name`, which inherits it, as owner. */
function inheritedBy(name: string, found: Target): Target {
  const owner = sendableNamed(name);
  if (owner && Object.prototype.isPrototypeOf.call(found.owner as object, owner)) return { ...found, owner };
  const text = `Cannot call ${found.name} of ${name}: no module that the worker thread has loaded registers the class`;
  throw new OffloopError(
    'ERR_OFFLOOP_NOT_FOUND',
    `${text}. Import it in the module that has the method, or move it there`,
  );
}

/** The function that the module exports under its own name, if its text is the same. */
function exportOf({ name, hash }: Address, exports: Readonly<Record<string, unknown>>): Target | undefined {
  const { [name]: fn } = exports;
  if (typeof fn !== 'function' || hashOf(textOf(fn)) !== hash) return undefined;
  return { fn, source: fn, name, instance: false, owner: undefined, overlaps: false };
}

/**
 * The only definition with the key of `address`; if there are several, the one that is told apart from them. Otherwise,
 * only if the main thread runs another text than the file's: the definition with the same ordinal in an equal list of
 * signatures. Never a near match: to run a wrong function is worse than to run none.
 */
export function match(address: Address, definitions: readonly Definition[]): Definition | undefined {
  const twins = twinsOf(address, address.top, definitions);
  if (twins.length > 0) return oneOf(twins, address);
  if (!address.top || address.signatures.length === 0) return undefined;
  const signatures = signaturesOf(definitions);
  const isEqual =
    signatures.length === address.signatures.length && signatures.every((item, i) => item === address.signatures[i]);
  const there = isEqual ? definitions[address.index] : undefined;
  return there && oneOf(twinsOf(there, there.site.top, definitions), address);
}

function oneOf(twins: readonly Definition[], address: Address): Definition | undefined {
  return address.twins || !areOne(twins) ? tellApart(address, twins) : twins[0];
}
