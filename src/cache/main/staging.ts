/** Memory of the main side for the writes of parcels, until they are on the disk: lmdb takes none that threads share. @module */

import { giveBack } from '../threads/parcels.ts';

/** How much memory is kept for further writes: of so many bytes each, and so many pieces of it. */
const pieceSize = 64 * 1024;
const mostKept = 8;

const kept: Uint8Array[] = [];

/** The writes of a parcel in memory of the main side. */
export interface Staged {
  readonly bytes: Uint8Array;

  /** Called when the writes are on the disk. If one has failed, others may be under way: then it is not called. */
  done(): void;
}

/** Takes the writes out of a parcel, which the thread may use again then. */
export function staged(parcel: Uint8Array): Staged {
  const { length } = parcel;
  const piece = length > pieceSize ? new Uint8Array(length) : (kept.pop() ?? new Uint8Array(pieceSize));
  piece.set(parcel);
  giveBack(parcel);
  return {
    bytes: piece.subarray(0, length),
    done: () => {
      if (length <= pieceSize && kept.length < mostKept) kept.push(piece);
    },
  };
}
