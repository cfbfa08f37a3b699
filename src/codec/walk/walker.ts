/** The interface by which parts of the walk call the walk itself. @module */

import type { Kind } from './kinds.ts';
import type { Refused } from './refusal.ts';
import type { Step } from './path.ts';
import type { Packing, Trail } from './trail.ts';

/** A walk over values that are to cross. */
export interface Walker {
  /** Sets `container[key]` to the packed form of `value`; throws if `value` cannot cross. */
  put(container: object, key: string | number, value: unknown, step?: Step): void;

  /** The error for `value` at the current position of the walk. */
  refusal(value: unknown, facts?: Partial<Refused>): Error;
}

/** The kinds that {@link PartWalker.packAs} packs; the others are handled before. */
export type PackedKind = Exclude<Kind, 'moved' | 'plain' | 'sendable'>;

/** The walk, for the parts of it that pack some kinds of objects. */
export interface PartWalker extends Walker {
  readonly trail: Trail;

  /** Whether the values become bytes. */
  readonly asBytes: boolean;

  /** Packs `value`, which was not visited before. */
  pack(value: object): Packing;

  /** As `pack`, for an object of this kind. */
  packAs(kind: PackedKind, value: object): Packing;

  /** Sets the own enumerable fields of `copy` to the packed ones of `value`. */
  putFields(value: object, copy: object): void;
}
