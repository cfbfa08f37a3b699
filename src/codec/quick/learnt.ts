/** Facts that one end of a lane learns about a function from its calls. @module */

import type { Branch } from './shape.ts';

/** The shapes that values of one kind have had; see `shapes.ts`. */
export interface KnownShapes {
  /** The shape of the values that were taken apart last. */
  readonly fitted: Branch;

  /**
   * Gives the primitives of `values`, which then have the shape `fitted`; `undefined` if `values` have no known shape.
   */
  takeApart(values: readonly unknown[]): unknown[] | undefined;

  /** Learns the shape of `values`, which the bounded look has found to be small and plain. */
  learn(values: readonly unknown[]): void;
}

/** Learnt about the arguments of the function on the main side, and about its results in a thread. */
export interface Learnt {
  /** Whether some values have needed the complete walk; all later ones take it then. */
  needsWalk: boolean;

  /** The shapes that the values have had; `undefined` until a quick call had objects. */
  shapes: KnownShapes | undefined;

  /** A running estimate of how long a call takes, in milliseconds; `Infinity` while unknown. */
  cost: number;

  /** How many calls were counted for the estimate, as far as that matters. */
  counted: number;
}

/** The state before the first call. */
export function nothingLearnt(): Learnt {
  return { needsWalk: false, shapes: undefined, cost: Infinity, counted: 0 };
}
