/** The error of an object that was released. @module */

import { OffloopError } from '../../base/errors.ts';

export function closedError(name: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot use ${name}: its object was released`);
}
