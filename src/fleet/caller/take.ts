/** Takes the arguments of a call as they are now. @module */

import type { Call } from '../../call/call.ts';
import { plainArguments } from '../../call/travel.ts';
import { encodeValue } from '../values/bodies.ts';
import { valuesOf } from '../values/contexts.ts';

/**
 * The arguments of `call` and its context as bytes; `undefined` if they have something that stays here: then they are taken
 * for a lane.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if an argument cannot cross.
 */
export function bodyOf(call: Call): Uint8Array | undefined {
  const { lent } = call;
  const args = plainArguments(call);
  if (args) return bytesOf(call, args);
  let body: Uint8Array | undefined;
  lent?.deliver((values, holes) => {
    if (holes) return;
    try {
      encodeValue(values, { root: 'args' });
    } catch {
      // The complete walk finds what stays here, or says what cannot cross.
      throw new DOMException('Part of the arguments stays here', 'DataCloneError');
    }
    body = bytesOf(call, values);
  });
  if (!body) lent?.keep();
  return body;
}

/** The values of the context are restored in place, so this comes last. */
function bytesOf(call: Call, args: unknown[]): Uint8Array {
  return encodeValue([args, valuesOf(call.context)], { root: 'args' });
}
