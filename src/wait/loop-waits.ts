/**
 * Promises of the main side that do not keep the process alive, and how they fail when the process would end. @module
 */

import { isAwaitedByModule } from '../address/call-site.ts';
import { setImmediate } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { shared } from '../base/realm.ts';

/** A promise that may never settle. */
export interface EndlessPromise {
  /** The functions that the promise's executor was given. */
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;

  /** Ends the wait, and rejects the promise. */
  fail(reason: unknown): void;
}

/** A group of promises that wait for the same event. */
export interface LoopWait {
  /** Whether the event has occurred, so that the event loop will turn for it. */
  readonly isStirring: boolean;

  /** The pending promises without a timeout; those with one keep the process alive until they settle. */
  readonly endless: Iterable<EndlessPromise>;
}

const waits = shared('waits of the loop', () => new Set<LoopWait>());

/** Adds `wait`, until {@link forgetLoopWait}. */
export function noteLoopWait(wait: LoopWait): void {
  waits.add(wait);
}

export function forgetLoopWait(wait: LoopWait): void {
  waits.delete(wait);
}

/** Settles as `promise` does, or is failed by {@link giveUpLoopWaits} when the process would end. */
export function orNeverSettles<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const wait: LoopWait = { isStirring: false, endless: [{ resolve, reject, fail: reject }] };
    noteLoopWait(wait);
    promise.then(resolve, reject).finally(() => forgetLoopWait(wait));
  });
}

/** Whether the event loop will turn for one of the waits. */
export function isLoopStirring(): boolean {
  for (const wait of waits) if (wait.isStirring) return true;
  return false;
}

/** Makes the error for a wait that will never end. */
export function neverSettles(): OffloopError {
  const text = 'Cannot wait any longer: the main side has nothing left to do, so nobody will ever end the wait';
  return new OffloopError('ERR_OFFLOOP_NEVER_SETTLES', text);
}

/**
 * How often the event loop may turn again after a promise failed: a program that keeps waiting again has to end, too.
 */
let turns = 1000;

/**
 * Called when the process would end. Promises that the top level of a module awaits fail, because the process would end
 * in the middle of that module. Promises that only other code awaits stay pending: waiting for ever in the background
 * is fine.
 */
export function giveUpLoopWaits(): void {
  const endless = [...waits].flatMap((wait) => [...wait.endless]);
  for (const promise of endless) failIfAwaited(promise);
}

/** Only V8 knows which code awaits a promise, and tells it in the async stack trace of code that would settle it. */
function failIfAwaited({ resolve, reject, fail }: EndlessPromise): void {
  const asking = async (): Promise<never> => {
    await settled;
    if (isAwaitedByModule(asking)) {
      fail(neverSettles());
      if ((turns -= 1) > 0) setImmediate(() => undefined);
    }
    return new Promise(() => undefined);
  };
  // V8 follows `asking` through these `resolve` and `reject` to their promise, and on to the code that awaits it.
  void asking().then(resolve, reject);
}

const settled = Promise.resolve();
