/** What a function throws, packed for the way: errors, and whatever else can be thrown. @module */

import { description } from './error-payload.ts';
import type { Hole } from './hole.ts';
import { isPrimitive } from './look.ts';
import { pack } from './pack.ts';
import { unpack } from './unpack.ts';
import type { IncomingScope } from './unpack.ts';

/** Something thrown, on its way. */
export type PackedThrown = [values: unknown[], holes: Hole[] | undefined];

/** Packs `thrown`; what cannot cross at all arrives as an error that describes it. Nothing of it moves. */
export function packThrown(thrown: unknown): PackedThrown {
  if (isPrimitive(thrown)) return [[thrown], undefined];
  try {
    return packed(thrown);
  } catch {
    const { message } = description(thrown);
    return packed(new Error(`Something was thrown that cannot be sent to another thread: ${message}`));
  }
}

/** Gives back what was thrown; if reviving it fails, what that threw. */
export function unpackThrown([values, holes]: PackedThrown, scope: IncomingScope): unknown {
  try {
    return (holes ? unpack(values, holes, scope) : values)[0];
  } catch (error) {
    return error;
  }
}

function packed(thrown: unknown): PackedThrown {
  const { values, holes } = pack([thrown], { root: 'thrown' });
  return [values, holes];
}
