/** Fields of the memory that a thread shares with the main side, for its waits; `wire/` has the others. @module */

/** Where a thread waits, and for whom. */
export const WaitWord = {
  /** How many messages were sent down: what a thread looks at before it sleeps. */
  down: 16,

  /** Whether the thread sleeps on {@link WaitWord.down}, and is to be woken. */
  asleep: 17,

  /** `id` of the call that waits for something, blocking its thread; `0` if none does. */
  waiting: 51,

  /** What stood in the field on which the thread sleeps: if something else does, it has been woken. */
  sleepsAt: 52,
} as const;
