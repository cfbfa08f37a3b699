/** The error for calls whose thread has ended. @module */

import { WorkerExitError } from '../base/errors.ts';
import type { ThreadEnd } from './thread-end.ts';

/** Makes the error that says that the thread ended; `when` says what it was doing. */
export function exitError(when: string, { exitCode, threadId, cause }: ThreadEnd): WorkerExitError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  const text = `The thread ended ${when}, with exit code ${exitCode}${reason}`;
  return new WorkerExitError(text, { exitCode, threadId }, cause === undefined ? undefined : { cause });
}
