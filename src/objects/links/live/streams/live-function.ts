/** A function that is told when the other side has no use for it any more. @module */

import { OffloopError } from '../../../../base/errors.ts';
import type { Gate } from '../gate.ts';

export class LiveFunction {
  readonly gate: Gate;

  constructor(direct: (message: unknown) => void, released: () => void) {
    this.gate = {
      call: (_, [message]) => direct(message),
      direct,
      read: () => {
        throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', 'Cannot read a value of a function of a peer');
      },
      released,
    };
  }
}
