/** How calls end, for those who count them. @module */

import { OffloopError } from '../base/errors.ts';

/**
 * How a call ended: `'threw'` if its function threw, could not be loaded or could not be sent; `'refused'` by its pool,
 * which was full or closed; `'timedOut'` at its `timeout` or `queueTimeout`; `'aborted'` by its signal, or given up by
 * the consumer of its items; `'lost'` with its thread.
 */
export type Ending = 'returned' | 'threw' | 'refused' | 'timedOut' | 'aborted' | 'lost';

const byCode: Record<string, Ending> = {
  ERR_OFFLOOP_CLOSED: 'refused',
  ERR_OFFLOOP_DEADLOCK: 'refused',
  ERR_OFFLOOP_NO_NODE: 'timedOut',
  ERR_OFFLOOP_QUEUE_FULL: 'refused',
  ERR_OFFLOOP_QUEUE_TIMEOUT: 'timedOut',
  ERR_OFFLOOP_TIMEOUT: 'timedOut',
  ERR_OFFLOOP_WORKER_EXIT: 'lost',
};

/** How a call ended that failed with `error`, which its function has not thrown; `otherwise` if the error does not say. */
export function endingBy(error: unknown, otherwise: Ending): Ending {
  return (error instanceof OffloopError ? byCode[error.code] : undefined) ?? otherwise;
}
