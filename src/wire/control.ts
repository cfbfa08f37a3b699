/** The memory that both ends of a lane share. @module */

/** Fields of a lane's shared memory, but for those of waits, see `wait/words.ts`. */
export const LaneWord = {
  /**
   * `id` of the call that the thread may start next; ids of a lane follow each other. The thread claims a call by raising
   * it by one, the main side takes back all that were not claimed by raising it beyond them.
   */
  next: 0,

  /** How many messages were sent up: what the main side looks at while short calls are out. */
  up: 32,

  /** `id` of the call that was given up last, once its `abort` was posted. */
  aborted: 48,

  /** `id` of the call that asked for its signal last: it may end by itself when it is given up. */
  listening: 49,

  /** Not 0 once the thread has given itself up before the call that it had claimed began to run: it runs in another one. */
  discarded: 54,

  /** How many threads of the library there are from the main side down to the thread, itself among them. */
  depth: 55,

  /**
   * `id` of the call for which the thread looks for its function, and may load a module; `0` if it does not, and
   * {@link preloading} if it loads one before there is a call.
   */
  preparing: 53,

  /** Whether the thread has opened its end. */
  isOpen: 56,

  /** KiB of its heap that the thread uses; measured if the main side wrote something here before it started. */
  heap: 50,

  /** For each of the last {@link keptSenders} messages up the `id` of the call that had begun last when it was sent. */
  senders: 64,
} as const;

/** A power of two. */
export const keptSenders = 64;

/** How many fields a lane's shared memory has: a cache line for each that is written often. */
export const cellCount: number = LaneWord.senders + keptSenders;

/** Stands in {@link LaneWord.preparing} while a thread loads a module for a call that may come. */
export const preloading = -1;

/** `id` of a lane's first call; `0` is none's. */
export const firstCall = 1;
