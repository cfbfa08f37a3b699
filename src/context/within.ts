/** Which running call the code on the main side belongs to, and its signal. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { shared } from '../base/realm.ts';
import { contexts } from './in-use.ts';

/** A call whose callbacks make calls. */
export interface OuterCall {
  /** How many calls this one is nested in, each made in a callback of the one before. */
  readonly depth: number;
  readonly settled: boolean;
}

/** What code belongs to: one store for both, since each store in use makes every promise cost more up to Node.js 22. */
export interface Inside {
  /** The call whose callback the code is part of: the calls that the code makes do not wait behind it. */
  readonly call: OuterCall | undefined;

  /** Gives the signal of the call or callback; missing if that of the running call applies. */
  readonly signal?: (() => AbortSignal | undefined) | undefined;
}

const within = shared('within', () => new AsyncLocalStorage<Inside>());

/** What this code belongs to. */
export function insideOf(): Inside | undefined {
  return within.getStore();
}

/** Runs `run` with `args` as code that belongs to `inside`. */
export function runInside<A extends unknown[], T>(inside: Inside, run: (...args: A) => T, ...args: A): T {
  return within.run(inside, run, ...args);
}

/** The running call whose callback or coroutine this code is part of. */
export function callWithin(): OuterCall | undefined {
  const call = within.getStore()?.call;
  return call?.settled === false ? call : undefined;
}

/** Runs `run` as part of a callback of `call`. */
export function runWithin<T>(call: OuterCall, run: () => T): T {
  contexts.areUsed = true;
  const outer = within.getStore();
  return within.run({ call, signal: outer?.signal && (() => outer.signal?.()) }, run);
}
