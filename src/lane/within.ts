/** Which call the code on the main side works for: what its callbacks call must not wait behind it. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { shared } from '../realm.ts';
import type { Call } from './call.ts';

const within = shared('within', () => new AsyncLocalStorage<Call>());

/** The running call whose callback or coroutine this code is part of. */
export function callWithin(): Call | undefined {
  const call = within.getStore();
  return call?.settled === false ? call : undefined;
}

/** Runs `run` as part of a callback of `call`. */
export function runWithin<T>(call: Call, run: () => T): T {
  return within.run(call, run);
}
