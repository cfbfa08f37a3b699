/** Which running call the code on the main side belongs to, so that its calls do not wait behind that one. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { shared } from '../base/realm.ts';
import { contexts } from './in-use.ts';

/** A call whose callbacks make calls. */
export interface OuterCall {
  /** How many calls this one is nested in, each made in a callback of the one before. */
  readonly depth: number;
  readonly settled: boolean;
}

const within = shared('within', () => new AsyncLocalStorage<OuterCall>());

/** The running call whose callback or coroutine this code is part of. */
export function callWithin(): OuterCall | undefined {
  const call = within.getStore();
  return call?.settled === false ? call : undefined;
}

/** Runs `run` with `args` as part of a callback of `call`. */
export function runWithin<A extends unknown[], T>(call: OuterCall, run: (...args: A) => T, ...args: A): T {
  contexts.areUsed = true;
  return within.run(call, run, ...args);
}
