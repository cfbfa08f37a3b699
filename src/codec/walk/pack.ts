/** The complete walk over values: finds everything that structured clone would lose or refuse, and packs it. @module */

import type { Transferable } from 'node:worker_threads';
import { OffloopError } from '../../base/errors.ts';
import type { Hole } from './hole.ts';
import { Packer } from './packer.ts';
import type { OutgoingScope } from '../outgoing.ts';

export type { OutgoingScope } from '../outgoing.ts';

/** Values that structured clone accepts as one message, and the holes that restore what it would have lost. */
export interface Packed {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;

  /** The scope's `transfer`, and what else has to be transferred. */
  readonly transfer: Transferable[];
}

/**
 * Copies the containers of `values`, and replaces the parts that structured clone would lose or refuse by holes.
 * Identity and cycles are kept. Getters are read, as structured clone does.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of the value that cannot cross.
 * @throws What a getter, a `[toThread]` method or the walk over a proxy throws.
 */
export function pack(values: readonly unknown[], scope: OutgoingScope): Packed {
  const packer = new Packer(scope);
  const copies: unknown[] = [];
  try {
    for (const [index, value] of values.entries()) packer.put(copies, index, value);
  } catch (error) {
    throw isOverflow(error) ? tooDeep(scope.root, error) : error;
  }
  return {
    values: copies,
    holes: packer.trail.holes.length > 0 ? packer.trail.holes : undefined,
    transfer: [...packer.trail.transfer],
  };
}

const isOverflow = (error: unknown): boolean => error instanceof RangeError && /call stack/.test(error.message);

function tooDeep(root: string, cause: unknown): OffloopError {
  const text = `Cannot send ${root} to another thread: it is nested too deeply`;
  return new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, { cause });
}
