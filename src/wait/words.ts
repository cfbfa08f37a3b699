/** Fields of the memory that a thread shares with the main side, for its waits; `wire/` has the others. @module */

/** Fields about the waits of a thread. */
export const WaitWord = {
  /** How many messages were sent to the thread: it compares this count before it sleeps. */
  down: 16,

  /** Whether the thread sleeps on {@link WaitWord.down}, and has to be woken. */
  asleep: 17,

  /** The `id` of the call that waits and blocks the thread; `0` if none does. */
  waiting: 51,

  /** The value of the word on which the thread sleeps: if the word has another value, the thread has been woken. */
  sleepsAt: 52,
} as const;
