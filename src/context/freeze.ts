/** Copies one value of a context. @module */

import type { Hole } from '../codec/walk/hole.ts';
import { look, LARGE, SPECIAL } from '../codec/quick/look.ts';
import { pack } from '../codec/walk/pack.ts';
import { explain } from '../codec/walk/refusal.ts';
import { structuredClone } from '../base/intrinsics.ts';
import { shared } from '../base/realm.ts';
import type { Crossing } from './variables.ts';

/** A private copy of a value, the only element of `values`. */
export interface Frozen {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;
}

/** The names of the values that were left out and warned about. */
const omitted = shared('omitted context', () => new Set<string>());

/**
 * Copies `value`, which is named `name`; gives `undefined` if it cannot be cloned and may be omitted.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` with the path of what cannot be cloned, if it must not be omitted.
 * @throws What `serialize` throws.
 */
export function freeze(name: string, value: unknown, crossing: Crossing | undefined): Frozen | undefined {
  const data = crossing?.serialize ? crossing.serialize(value as never) : value;
  try {
    return copyOf(name, data);
  } catch (error) {
    if (crossing?.onUncloneable === 'throw') throw error;
    warn(name, error);
    return undefined;
  }
}

function copyOf(name: string, value: unknown): Frozen {
  const seen = look([value]);
  if (seen !== LARGE && seen !== SPECIAL) return { values: seen, holes: undefined };
  if (seen === LARGE) {
    try {
      return { values: [structuredClone(value)], holes: undefined };
    } catch {
      // Structured clone has refused the value: pack it, which handles more and names the path of a refusal.
    }
  }
  const { values, holes, transfer } = pack([value], { root: name });
  try {
    return structuredClone({ values, holes }, { transfer: transfer as ArrayBuffer[] });
  } catch (error) {
    throw explain([value], error, name);
  }
}

function warn(name: string, error: unknown): void {
  if (omitted.has(name)) return;
  omitted.add(name);
  const why = error instanceof Error ? error.message : String(error);
  process.emitWarning(`The context value "${name}" is left out of calls: ${why}`, {
    type: 'OffloopWarning',
    code: 'OFFLOOP_CONTEXT_OMITTED',
  });
}
