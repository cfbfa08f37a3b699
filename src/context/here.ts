/** Captures the current async context, all `AsyncLocalStorage` stores, to run code in it later. @module */

import { AsyncResource, executionAsyncId } from 'node:async_hooks';
import { shared } from '../base/realm.ts';
import { contexts } from './in-use.ts';

/** Runs a function in a captured context, and returns its result. */
export type RunThere = <T>(run: () => T) => T;

const name = 'offloop';
const manual = { requireManualDestroy: true };

/** How many resources are made at once, at the most. */
const mostSpares = 16;

/**
 * Captures the current context. Functions that run in it do not see stores that earlier ones have entered there: up to
 * Node.js 22 a store that is entered stays on its async resource, so each run has a resource of its own. They are made
 * in advance, twice as many each time, since to enter the context costs as much as to run a function in it. A capture
 * takes 0.04 µs; `AsyncLocalStorage.snapshot()` takes 7 µs on Node.js 20.
 */
export function takeHere(): RunThere {
  const here = new AsyncResource(name, manual);
  let spares: AsyncResource[] = [];
  let count = 1;
  return <T>(run: () => T) => {
    const own = spares.pop();
    if (own !== undefined) return own.runInAsyncScope(run);
    spares = here.runInAsyncScope(makeResources, undefined, count);
    count = Math.min(count * 2, mostSpares);
    return (spares.pop() as AsyncResource).runInAsyncScope(run);
  };
}

function makeResources(count: number): AsyncResource[] {
  return Array.from({ length: count }, () => new AsyncResource(name, manual));
}

/**
 * Runs `run` with `args` in a copy of the current context, so that a store that `run` enters does not stay entered
 * afterwards.
 */
export function apart<A extends unknown[], T>(run: (...args: A) => T, ...args: A): T {
  return new AsyncResource(name, manual).runInAsyncScope(run, undefined, ...args);
}

/** Whether contexts travel with the ids of what runs, as up to Node.js 23 unless a flag says otherwise. */
export const travelWithIds: boolean =
  Number(process.versions.node.split('.')[0]) < 24 &&
  ![...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((arg) => arg.includes('async-context-frame'));

/**
 * Whether it is known at once that nobody has a context here: code after an `await` has no id of its own while nobody uses
 * `AsyncLocalStorage`.
 */
export function hasNoContext(): boolean {
  return travelWithIds && executionAsyncId() === 0;
}

const outermost = takeHere();

/**
 * Runs `run` in the context in which the library was loaded. Threads and ports are created there: they keep the context
 * of their creation and run all their listeners in it, which must not be the context of some request.
 */
export function outside<T>(run: () => T): T {
  return outermost(run);
}

const keeping = shared('contexts', () => ({ isOn: false }));

/** Makes every later call keep its context, for functions that may run on behalf of any call, such as coroutines. */
export function keepContexts(): void {
  keeping.isOn = true;
  contexts.areUsed = true;
}

/** The current context, if calls keep theirs. */
export function keptHere(): RunThere | undefined {
  return keeping.isOn ? takeHere() : undefined;
}
