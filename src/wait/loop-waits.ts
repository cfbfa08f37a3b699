/** What the main side's own loop waits for without keeping the process alive, and what becomes of it at the end. @module */

import { isAwaitedByModule } from '../address/call-site.ts';
import { setImmediate } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { shared } from '../base/realm.ts';

/** A promise that nothing is sure to settle. */
export interface EndlessPromise {
  /** The functions that the promise's executor was given. */
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;

  /** Ends the wait, and rejects the promise. */
  fail(reason: unknown): void;
}

/** Something that the loop waits for. */
export interface LoopWait {
  /** Whether it has changed, so that the loop will turn for it. */
  readonly isStirring: boolean;

  /** The promises that wait for it and have no limit: those with one keep the process alive until then. */
  readonly endless: Iterable<EndlessPromise>;
}

const waits = shared('waits of the loop', () => new Set<LoopWait>());

/** The loop waits for `wait`, until {@link forgetLoopWait}. */
export function noteLoopWait(wait: LoopWait): void {
  waits.add(wait);
}

export function forgetLoopWait(wait: LoopWait): void {
  waits.delete(wait);
}

/** Gives what `promise` does, and is one of those that may fail at the end. */
export function orNeverSettles<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const wait: LoopWait = { isStirring: false, endless: [{ resolve, reject, fail: reject }] };
    noteLoopWait(wait);
    promise.then(resolve, reject).finally(() => forgetLoopWait(wait));
  });
}

/** Whether the loop will turn for what it waits for. */
export function isLoopStirring(): boolean {
  for (const wait of waits) if (wait.isStirring) return true;
  return false;
}

/** The error for a wait that nobody is left to end. */
export function neverSettles(): OffloopError {
  const text = 'Cannot wait any longer: the main side has nothing left to do, so nobody will ever end the wait';
  return new OffloopError('ERR_OFFLOOP_NEVER_SETTLES', text);
}

/** How often the loop turns once more for what a promise that failed leads to: who waits again, and again, is left. */
let turns = 1000;

/**
 * The process would end. The promises for which the top level of a module waits fail instead: it would end in the midst of
 * that. Those for which other code waits are left: who waits for ever in the background wants no more than that.
 */
export function giveUpLoopWaits(): void {
  const endless = [...waits].flatMap((wait) => [...wait.endless]);
  for (const promise of endless) failIfAwaited(promise);
}

/** What awaits a promise is known only to V8, and only to code that runs where that would be told. */
function failIfAwaited({ resolve, reject, fail }: EndlessPromise): void {
  const asking = async (): Promise<never> => {
    await settled;
    if (isAwaitedByModule(asking)) {
      fail(neverSettles());
      if ((turns -= 1) > 0) setImmediate(() => undefined);
    }
    return new Promise(() => undefined);
  };
  // V8 follows a promise to the one that its `resolve` and `reject` are of, and to those who await that.
  void asking().then(resolve, reject);
}

const settled = Promise.resolve();
