/** The memory that both ends of a lane share. @module */

/** Fields of a lane's shared memory. The fields for waits are in `wait/words.ts`. */
export const LaneWord = {
  /**
   * `id` of the call that the thread may start next; the ids of a lane are consecutive. The thread claims a call by
   * raising this field by one; the main side takes back all calls that are not claimed by raising it beyond them.
   */
  next: 0,

  /** How many messages the thread has sent: the main side polls this field while short calls are outstanding. */
  up: 32,

  /** `id` of the call that was given up last, once its `abort` was posted. */
  aborted: 48,

  /** `id` of the last call that called `callSignal()`: it may end by itself when it is given up. */
  listening: 49,

  /**
   * Not 0 once the thread has discarded itself before its claimed call began to run: the call runs in another thread.
   */
  discarded: 54,

  /** The nesting depth of the thread: `1` if the main side started it, one more for each thread in between. */
  depth: 55,

  /**
   * `id` of the call whose function the thread is looking up, which may load a module; `0` if there is none, and
   * {@link preloading} if the thread loads a module before there is a call.
   */
  preparing: 53,

  /** Whether the thread has opened its end. */
  isOpen: 56,

  /**
   * `id` of the call that occupies the thread, if its calls overlap; `0`, or that of a call that is over, while only
   * promises are waited for.
   */
  occupied: 57,

  /** KiB of heap that the thread uses. The thread measures them only if the main side wrote here before it started. */
  heap: 50,

  /**
   * For each of the last {@link keptSenders} messages of the thread, the `id` of the call that had begun last by then.
   */
  senders: 64,
} as const;

/** A power of two. */
export const keptSenders = 64;

/** How many fields a lane's shared memory has. Fields that are written often have a cache line of their own. */
export const cellCount: number = LaneWord.senders + keptSenders;

/** Stands in {@link LaneWord.preparing} while a thread loads a module for a call that may come. */
export const preloading = -1;

/** `id` of a lane's first call; `0` stands for no call. */
export const firstCall = 1;
