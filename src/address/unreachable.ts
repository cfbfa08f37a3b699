/** Says why no thread can find a function that was wrapped while nothing was being loaded. @module */

import { addressOf } from './address-of.ts';
import { capturedNames } from './captures.ts';
import { notFound } from './explain.ts';
import type { Definition } from './registry.ts';

/** The error for a call of `definition`, which was not registered at the top level of a module. */
export async function unreachable(definition: Definition): Promise<unknown> {
  try {
    const address = addressOf(definition);
    const names = (definition.record?.definitions ?? []).flatMap(({ site, name }) => (site.top ? name : []));
    return notFound(address, names, await capturedNames(definition.source));
  } catch (error) {
    return error;
  }
}
