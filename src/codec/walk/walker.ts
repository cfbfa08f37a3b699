/** The interface by which parts of the walk call the walk itself. @module */

import type { Refused } from './refusal.ts';
import type { Step } from './path.ts';

/** A walk over values that are to cross. */
export interface Walker {
  /** Sets `container[key]` to the packed form of `value`; throws if `value` cannot cross. */
  put(container: object, key: string | number, value: unknown, step?: Step): void;

  /** The error for `value` at the current position of the walk. */
  refusal(value: unknown, facts?: Partial<Refused>): Error;
}
