/** How the code of a thread blocks: for whatever it waits, it can be interrupted, and it counts as waiting. @module */

import { now } from '../clock.ts';
import { OffloopError } from '../errors.ts';
import { shared, threadState } from '../realm.ts';

/** How long to wait. */
export interface WaitOptions {
  /** How long to wait at the most, in milliseconds; then `ERR_OFFLOOP_TIMEOUT` is thrown. From 0. @defaultValue `Infinity` */
  timeout?: number | undefined;

  /** Ends the wait: `signal.reason` is thrown. @defaultValue none */
  signal?: AbortSignal | undefined;
}

/** How long a thread looks before it sleeps, in milliseconds: to be woken costs about as much. */
const hotTime = 0.05;

/**
 * Blocks this thread until `attempt` gives anything but `undefined`, and gives that. `attempt` is made at once, and again
 * whenever `words[at]` has changed: whoever changes what it looks at adds to `words[at]` afterwards and notifies there.
 * Others may add to it at any time, for the thread to look again. `what` is what is waited for, in messages: `the lock`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side, before anything is attempted.
 * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
 * @throws `signal.reason`, or the reason for which the running call was given up.
 */
export function block<T>(
  words: Int32Array,
  at: number,
  attempt: () => T | undefined,
  { timeout = Infinity, signal }: WaitOptions,
  what: string,
): T {
  if (!threadState())
    throw new OffloopError('ERR_OFFLOOP_WOULD_BLOCK', `Cannot wait for ${what} here: it would block the event loop`);
  const begin = now();
  for (;;) {
    const seen = Atomics.load(words, at);
    const result = attempt();
    if (result !== undefined) return result;
    if (signal?.aborted) throw signal.reason;
    const waited = now() - begin;
    if (waited >= timeout)
      throw new OffloopError('ERR_OFFLOOP_TIMEOUT', `Waited for ${what} longer than the timeout: ${timeout} ms`);
    if (waited > hotTime) Atomics.wait(words, at, seen, timeout - waited);
  }
}

type Recover = (words: Int32Array, threadId: number) => void;

const recoveries = shared('recoveries', () => new Map<string, Recover>());

/** Makes `recover` what is called for the `words` of something of this `kind` once a thread has ended that may hold it. */
export function recoverBy(kind: string, recover: Recover): void {
  recoveries.set(kind, recover);
}

/** Says, before this thread takes hold of something of this `kind` in `words`, that it may hold it from now on. */
export function mayHold(kind: string, words: Int32Array): void {
  void kind;
  void words;
}
