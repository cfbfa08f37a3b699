/** What a function throws, packed for the way: errors, and whatever else can be thrown. @module */

import { inspect } from 'node:util';
import type { Hole } from './hole.ts';
import { look, LARGE, SPECIAL } from './look.ts';
import { pack } from './pack.ts';
import { unpack } from './unpack.ts';
import type { IncomingScope } from './unpack.ts';

/** Something thrown, on its way. */
export type PackedThrown = [values: unknown[], holes: Hole[] | undefined];

/** Packs `thrown`; what cannot cross at all arrives as an error that describes it. */
export function packThrown(thrown: unknown): PackedThrown {
  try {
    const seen = look([thrown]);
    if (seen !== SPECIAL && seen !== LARGE) return [seen, undefined];
    return packed(thrown);
  } catch {
    return packed(
      new Error(`Something that cannot be cloned was thrown: ${describe(thrown)}`, { cause: describe(thrown) }),
    );
  }
}

/** Gives back what was thrown. */
export function unpackThrown([values, holes]: PackedThrown, scope: IncomingScope): unknown {
  return (holes ? unpack(values, holes, scope) : values)[0];
}

function packed(thrown: unknown): PackedThrown {
  const { values, holes, transfer } = pack([thrown], { root: 'result' });
  const message: PackedThrown = [values, holes];
  // Only a trial tells whether all of it can be posted, and an error has to arrive.
  structuredClone(message);
  void transfer;
  return message;
}

function describe(value: unknown): string {
  try {
    return inspect(value, { depth: 1 });
  } catch {
    return typeof value;
  }
}
