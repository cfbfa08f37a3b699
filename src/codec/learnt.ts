/** What one end of a lane has learnt of a function from its calls. @module */

import type { Branch } from './shape.ts';

/** Shapes that values of one kind have had; see `shapes.ts`. */
export interface KnownShapes {
  /** The shape of what was taken apart last. */
  readonly fitted: Branch;

  /** Gives the primitives of `values`, which are of the shape `fitted`; `undefined` if they have no known shape. */
  takeApart(values: readonly unknown[]): unknown[] | undefined;

  /** Learns the shape of `values`, which the bounded look has found to be small and plain. */
  learn(values: readonly unknown[]): void;
}

/** Of the arguments of its calls on the main side, of its results in a thread. */
export interface Learnt {
  /** Whether some of them needed the complete walk: they take it from then on. */
  needsWalk: boolean;

  /** The shapes that they had, once a quick call had objects. */
  shapes: KnownShapes | undefined;

  /** How long a call has been taking, in milliseconds: a running estimate; `Infinity` while unknown. */
  cost: number;
}

/** Nothing is known yet. */
export function nothingLearnt(): Learnt {
  return { needsWalk: false, shapes: undefined, cost: Infinity };
}
