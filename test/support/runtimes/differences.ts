/** What does not work under Bun and Deno, and the tests that show it. `docs/bun-and-deno.md` tells of it. @module */

import type { Area } from './areas.ts';
import type { Runtime } from './runtime.ts';

/** A known difference. */
export interface Difference {
  readonly on: readonly Runtime[];
  readonly area: Area;

  /** What does not work there, and why; a sentence for users. */
  readonly what: string;

  /** Whose it is: a fault or a gap of the runtime, a thing that is of Node.js alone, or what the test itself needs. */
  readonly due: 'the runtime' | 'Node.js alone' | 'the test';

  /** Folders of `test/` with `/` at their end, files, or tests as `file > title > title`; `*` ends the beginning of a name. */
  readonly tests: readonly string[];

  /** `false`: the files cannot be loaded there, or have nothing that runs there. */
  readonly isLoaded?: false;

  /** `false`: the tests fail only at times. */
  readonly isSteady?: false;
}

export const differences: readonly Difference[] = [];
