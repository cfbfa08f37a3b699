/** Packs thrown values: errors, and anything else that can be thrown. @module */

import { description } from './payload.ts';
import type { Hole } from '../walk/hole.ts';
import { isPrimitive } from '../quick/look.ts';
import { Packer } from '../walk/packer.ts';
import { isAllLost } from './salvage.ts';
import { unpack } from '../walk/unpack.ts';
import type { IncomingScope } from '../walk/unpack.ts';

/** A packed thrown value. */
export type PackedThrown = [values: unknown[], holes: Hole[] | undefined];

/**
 * Packs `thrown` without those parts that cannot cross. A value that cannot cross at all is replaced by an error that
 * describes it. Nothing is transferred.
 */
export function packThrown(thrown: unknown): PackedThrown {
  if (isPrimitive(thrown)) return [[thrown], undefined];
  try {
    if (typeof thrown === 'object' && thrown !== null && !isAllLost(thrown)) return packed(thrown);
  } catch {
    // No part of the value can cross.
  }
  const { message } = description(thrown);
  return packed(new Error(`The thrown value cannot be sent to another thread: ${message}`));
}

/** Gives back the thrown value, or the error that reviving it has thrown. */
export function unpackThrown([values, holes]: PackedThrown, scope: IncomingScope): unknown {
  try {
    return (holes ? unpack(values, holes, scope) : values)[0];
  } catch (error) {
    return error;
  }
}

function packed(thrown: object): PackedThrown {
  const packer = new Packer({ root: 'thrown' });
  const values: unknown[] = [];
  packer.putWhatCan(values, 0, thrown);
  return [values, packer.trail.holes.length > 0 ? packer.trail.holes : undefined];
}
