/** offloop with three context variables set, or none, as `isSet` says. @module */

import { ThreadPool } from 'offloop';
import { addInContext, addPlainly, variables } from './context-jobs.mjs';

export function open({ threads, isSet }) {
  const pool = new ThreadPool({ size: threads });
  const call = (isSet ? addInContext : addPlainly).with({ pool });

  return {
    call,
    /** Runs `work` with the variables set, if they are to be. */
    within(work) {
      if (!isSet) return work();
      const nested = variables.reduce((inner, variable, i) => () => variable.run(`value ${i}`, inner), work);
      return nested();
    },
    close: () => pool.close(),
  };
}
