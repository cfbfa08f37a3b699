/** Runs one call in a dedicated thread. @module */

import { Promise } from '../base/intrinsics.ts';
import type { Call } from '../call/call.ts';
import { printHere } from '../call/print.ts';
import { isThenable } from '../base/thenable.ts';
import type { Standby } from '../wire/thread-source.ts';
import { Latch } from '../base/latch.ts';
import { OwnThread } from './own-thread.ts';
import { startError } from './start.ts';

/**
 * Runs `call` in a thread that `start` gives and that ends with the call. Resolves once the thread was told to end or
 * has ended. If the thread discards itself before the call has begun, another thread is started.
 */
export async function runSeparately(call: Call, start: () => Standby | Promise<Standby>): Promise<void> {
  for (;;) {
    const started = start();
    // The arguments are taken in the turn of the call if possible: the caller may change them afterwards.
    // oxlint-disable-next-line no-await-in-loop
    const standby = isThenable(started) ? await started : started;
    // The threads are started one after the other, because each knows what made the one before discard itself.
    // oxlint-disable-next-line no-await-in-loop
    const left = await runIn(call, standby);
    if (!left || call.settled) return;
    if (!left.isDiscarded) return call.fail(startError(left.reason));
  }
}

/** The reason why a call has not begun to run. */
interface Left {
  readonly reason: unknown;
  readonly isDiscarded: boolean;
}

async function runIn(call: Call, standby: Standby): Promise<Left | undefined> {
  const over = new Latch();
  const thread = new OwnThread(standby, {
    onIdle() {
      thread.terminate('done');
      over.open();
    },
    onPrint: (stream, chunk) => printHere(stream, chunk, call.plan),
    onEnding: () => over.open(),
  });
  if (call.settled || !thread.send(call)) thread.terminate('done');
  return Promise.race([over.opened.then(() => undefined), settleAtEnd(thread, call)]);
}

async function settleAtEnd({ ended }: OwnThread, call: Call): Promise<Left | undefined> {
  const { left, isDiscarded, cause, exitCode } = await ended;
  return left.includes(call) ? { reason: cause ?? `it exited with code ${exitCode}`, isDiscarded } : undefined;
}
