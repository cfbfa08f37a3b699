/**
 * offloop with three context variables set (`isSet`), with a store that does not go along (`store`), or with neither.
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { ThreadPool } from 'offloop';
import { addInContext, addPlainly, values, variables } from './context-jobs.mjs';

/** A store that is not sent to threads. */
const elsewhere = new AsyncLocalStorage();

export function open({ threads, isSet, store }) {
  const pool = new ThreadPool({ size: threads });
  const call = (isSet ? addInContext : addPlainly).with({ pool });

  return {
    call,
    /** Runs `work`, with the variables set if `isSet`. */
    within(work) {
      if (store) return elsewhere.run('a store', work);
      if (!isSet) return work();
      const nested = variables.reduce((inner, variable, i) => () => variable.run(values[i], inner), work);
      return nested();
    },
    close: () => pool.close(),
  };
}
