/** From stages to what runs them: those in a row that only pass items through become one loop. @module */

import { Fused } from './fused.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import type { FusedStage, Stage } from './stage.ts';

/** Gives the pull of what comes out of the last of `stages`. */
export function compile(source: Pull, stages: readonly Stage[], run: Run): Pull {
  let pull = source;
  let row: FusedStage[] = [];
  const fuse = (): void => {
    if (row.length > 0) pull = new Fused(pull, row, run);
    row = [];
  };
  for (const stage of stages) {
    if (stage.kind !== 'open') {
      row.push(stage);
      continue;
    }
    fuse();
    pull = stage.open(pull, run);
  }
  fuse();
  return pull;
}
