/** Finds, on the main side, the coroutine or wrapped function that a thread calls by its address. @module */

import { OffloopError } from '../../base/errors.ts';
import type { Address } from '../address.ts';
import { shortName } from '../file-url.ts';
import { match } from './find.ts';
import { recordOf } from '../registry.ts';
import { wrapperOf } from '../wrapped.ts';

/**
 * The wrapper with the given address in this thread; a promise of it if its module has to be loaded first.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND`, as a rejection, or what the module throws.
 */
export function findHere(address: Address): Function | Promise<Function> {
  return wrapperAt(address) ?? load(address);
}

function wrapperAt(address: Address): Function | undefined {
  const definition = match(address, recordOf(address.module.url)?.definitions ?? []);
  return definition && wrapperOf(definition);
}

async function load(address: Address): Promise<Function> {
  const { url } = address.module;
  if (!recordOf(url)) await import(url);
  const wrapper = wrapperAt(address);
  if (wrapper) return wrapper;
  const text = `Cannot find ${address.name || 'the function'}: ${shortName(url)} does not register it on the main side (${address.at})`;
  throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', text);
}
