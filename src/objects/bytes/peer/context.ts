/** Reading or writing from one position on. @module */

import type { Direction, Problem } from '../wire/messages.ts';

export interface Context {
  readonly id: number;
  readonly direction: Direction;

  /** The next byte that a call reads or writes. */
  position: number;

  /** Up to where the streamer may read, or this end may write. */
  limit: number;

  /** Whether the end of the data was reached. */
  isEnded: boolean;
  problem: Problem | undefined;
}
