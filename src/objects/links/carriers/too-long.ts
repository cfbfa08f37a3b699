/** The error of a message that is longer than the other side takes. @module */

import { OffloopError } from '../../../base/errors.ts';

export function tooLongFrame(length: number, most: number): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_TOO_LONG',
    `Cannot take a message of a link: it has ${length} bytes, more than its maxMessage, ${most}`,
  );
}
