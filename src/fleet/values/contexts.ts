/** The context of a call on its way to another machine. @module */

import { carry, enter, restore } from '../../context/carried.ts';
import type { Carried } from '../../context/carried.ts';
import { unpack } from '../../codec/walk/unpack.ts';
import { malformed } from './frame.ts';

/** Names and values of variables and of stores; `undefined` for no context. */
export type Values = readonly [variables: unknown[], stores: unknown[]] | undefined;

/** The values of a context that was taken for a thread. */
export function valuesOf(carried: Carried | undefined): Values {
  if (!carried) return undefined;
  const { variables, stores, holes } = carried;
  if (holes) unpack(variables, holes, {});
  // The holes are filled in place, so this is done once.
  carried.holes = undefined;
  return [variables, stores];
}

/** The values of the context here. */
export const valuesHere = (): Values => valuesOf(carry());

/** Runs `run` in the context of `values`, which came over the network, and returns its result. */
export function runIn<T>(values: unknown, run: () => T): T {
  if (values === undefined) return run();
  const [variables, stores] = Array.isArray(values) ? (values as unknown[]) : [];
  if (!areNamed(variables) || !areNamed(stores)) throw malformed();
  return enter(restore({ variables, stores, holes: undefined }), run);
}

function areNamed(list: unknown): list is unknown[] {
  return Array.isArray(list) && list.length % 2 === 0 && list.every((it, i) => i % 2 === 1 || typeof it === 'string');
}
