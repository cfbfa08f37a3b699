/** Posts values as they are at this moment, in the cheapest form that loses nothing of them. @module */

import type { Transferable } from 'node:worker_threads';
import { copyBytes } from '../codec/memory/copy-bytes.ts';
import type { Hole } from '../codec/walk/hole.ts';
import { look, LARGE, SPECIAL } from '../codec/quick/look.ts';
import { assertMovable, pathInList } from '../codec/memory/movable.ts';
import { takeMove } from '../codec/memory/move.ts';
import { pack } from '../codec/walk/pack.ts';
import { explain } from '../codec/walk/refusal.ts';

/** Posts or copies the values before it returns. */
export type PostValues = (
  values: unknown[],
  holes: Hole[] | undefined,
  transfer: readonly Transferable[],
  isCopy: boolean,
) => void;

/** Options of {@link postValues}. Both are required, so that no property is read from `Object.prototype`. */
export interface PostOptions {
  /** Whether to take the complete walk at once. */
  readonly walk: boolean;

  /** The transfer list. */
  readonly transfer: readonly Transferable[];
}

const none: readonly Transferable[] = [];
const plain: PostOptions = { walk: false, transfer: none };

/**
 * Passes `values` to `post`, after the bounded look, or packed by the complete walk if necessary; gives whether the
 * walk was necessary. `root` names the values in error messages.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if a part of `values` cannot cross; the error names its path.
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

/** Posts the result of a function, and gives whether it needed the complete walk. Applies `move(…)`. */
export function postResult(result: unknown, walk: boolean, post: PostValues): boolean {
  const moved = takeMove(result);
  if (!moved) return postValues([result], 'result', post, { walk, transfer: none });
  postValues([moved.value], 'result', post, { walk: false, transfer: moved.transfer });
  return walk;
}

/** Posts an item before it returns; `isBuffer` says that a `Uint8Array` was a `Buffer`. */
type PostItem = (
  values: unknown[],
  holes: Hole[] | undefined,
  transfer: readonly Transferable[],
  isBuffer: boolean,
) => void;

/**
 * Posts an item of a generator as it is now. A chunk of bytes is copied once, without the rest of its `ArrayBuffer`,
 * and the copy is transferred. Applies `move(…)`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if a part of the item cannot cross; the error names its path.
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

/** Whether `error` comes from structured clone refusing a value. */
export function isCloneError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A port outside the transfer list has an error with a `code` on Node.js 20; values nested too deeply have a
  // `RangeError`.
  return error.name === 'DataCloneError' || error instanceof RangeError || 'code' in error;
}
