/** Which call the code on the main side works for: what its callbacks call must not wait behind it. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { shared } from '../base/realm.ts';

/** What a call that others are made within says of itself. */
export interface OuterCall {
  /** How many calls wait for it, each in a callback of the one before. */
  readonly depth: number;
  readonly settled: boolean;
}

const within = shared('within', () => new AsyncLocalStorage<OuterCall>());

/** The running call whose callback or coroutine this code is part of. */
export function callWithin(): OuterCall | undefined {
  const call = within.getStore();
  return call?.settled === false ? call : undefined;
}

/** Runs `run` as part of a callback of `call`. */
export function runWithin<T>(call: OuterCall, run: () => T): T {
  return within.run(call, run);
}
