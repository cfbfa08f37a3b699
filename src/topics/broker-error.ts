/** Failures of brokers. @module */

import { OffloopError } from '../base/errors.ts';

/** A failure of a broker, or of the way to it. */
export function brokerError(what: string, cause: unknown): OffloopError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new OffloopError('ERR_OFFLOOP_BROKER', `${what}: ${why}`, { cause });
}
