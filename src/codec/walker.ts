/** What the parts of the walk need of the walk. @module */

import type { Refused } from './refusal.ts';
import type { Step } from './path.ts';

/** A walk over values that are to cross. */
export interface Walker {
  /** Makes `container[key]` what stands for `value`; throws if it cannot cross. */
  put(container: object, key: string | number, value: unknown, step?: Step): void;

  /** The error for `value`, which stands where the walk is. */
  refusal(value: unknown, facts?: Partial<Refused>): Error;
}
