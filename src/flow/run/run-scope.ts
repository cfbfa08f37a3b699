/** What the handlers of one run share. @module */

import type { Ending } from './ending.ts';
import type { Turns } from './turns.ts';

/** What the handlers of one run share. */
export interface RunScope {
  readonly ending: Ending;
  readonly turns: Turns;
  readonly context: unknown;
}
