/** Posts values as they are at that moment, in the cheapest form that keeps all of them. @module */

import type { Transferable } from 'node:worker_threads';
import { copyBytes } from '../codec/copy-bytes.ts';
import type { Hole } from '../codec/hole.ts';
import { look, LARGE, SPECIAL } from '../codec/look.ts';
import { assertMovable, pathInList } from '../codec/movable.ts';
import { takeMove } from '../codec/move.ts';
import { pack } from '../codec/pack.ts';
import { explain } from '../codec/refusal.ts';

/** Takes the values before it returns. */
export type PostValues = (
  values: unknown[],
  holes: Hole[] | undefined,
  transfer: readonly Transferable[],
  isCopy: boolean,
) => void;

/** Options of {@link postValues}; complete, so that nothing else is taken for one. */
export interface PostOptions {
  /** Takes the complete walk at once. */
  readonly walk: boolean;

  /** What moves. */
  readonly transfer: readonly Transferable[];
}

const none: readonly Transferable[] = [];
const plain: PostOptions = { walk: false, transfer: none };

/**
 * Gives `values` to `post`, after the bounded look, or packed by the complete walk where that is needed; says whether it
 * was. `root` is what they are called in messages.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot cross.
 */
export function postValues(values: unknown[], root: string, post: PostValues, options: PostOptions = plain): boolean {
  const { walk, transfer } = options;
  if (transfer.length > 0) assertMovable(transfer, (i) => pathInList(root, values[0], transfer, i));
  const seen = walk ? SPECIAL : look(values);
  if (seen !== SPECIAL) {
    const isCopy = seen !== LARGE && transfer.length === 0;
    const copied = seen === LARGE && transfer.length === 0 ? copyBytes(values) : undefined;
    try {
      if (copied) post(copied.values, undefined, copied.transfer, false);
      else post(isCopy ? seen : values, undefined, transfer, isCopy);
      return false;
    } catch (error) {
      if (!isCloneError(error)) throw error;
    }
  }
  const packed = pack(values, { root, transfer: new Set<object>(transfer as object[]) });
  try {
    post(packed.values, packed.holes, packed.transfer, false);
  } catch (error) {
    throw isCloneError(error) ? explain(values, error, root, transfer) : error;
  }
  return true;
}

/** Posts what a function returned, and says whether it needed the complete walk; `move(…)` is understood. */
export function postResult(result: unknown, walk: boolean, post: PostValues): boolean {
  const moved = takeMove(result);
  if (!moved) return postValues([result], 'result', post, { walk, transfer: none });
  postValues([moved.value], 'result', post, { walk: false, transfer: moved.transfer });
  return walk;
}

/** Takes the value of an item before it returns; `isBuffer` says that a `Uint8Array` was a `Buffer`. */
type PostItem = (
  values: unknown[],
  holes: Hole[] | undefined,
  transfer: readonly Transferable[],
  isBuffer: boolean,
) => void;

/**
 * Posts an item of a generator as it is now. A chunk of bytes is copied once, its own part of the memory alone, and the
 * copy moves; `move(…)` is understood.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot cross.
 */
export function postItem(item: unknown, post: PostItem): void {
  const isBuffer = Buffer.isBuffer(item);
  if (isBuffer || (item instanceof Uint8Array && Object.getPrototypeOf(item) === Uint8Array.prototype)) {
    const copy = new Uint8Array(Buffer.allocUnsafeSlow(item.byteLength).buffer);
    copy.set(item);
    post([copy], undefined, [copy.buffer], isBuffer);
    return;
  }
  const moved = takeMove(item);
  const options = moved ? { walk: false, transfer: moved.transfer } : plain;
  postValues(
    [moved ? moved.value : item],
    'item',
    (values, holes, transfer) => post(values, holes, transfer, false),
    options,
  );
}

/** Whether `error` is structured clone's refusal of a value. */
export function isCloneError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // On Node.js 20 a port that is not to move has an error of its own, and so has what is nested too deep anywhere.
  return error.name === 'DataCloneError' || error instanceof RangeError || 'code' in error;
}
