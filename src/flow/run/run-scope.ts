/** The state that the handlers of one run share. @module */

import type { Ending } from './ending.ts';
import type { Turns } from './turns.ts';

/** The shared state of the handlers of one run. */
export interface RunScope {
  readonly ending: Ending;
  readonly turns: Turns;
  readonly context: unknown;
}
