/** The traps of timers: timers that statements of a view start are cleared when the load ends. @module */

import timers from 'node:timers';
import { Promise } from '../../base/intrinsics.ts';
import { trap } from './pass-through.ts';
import type { Guard } from './pass-through.ts';
import { loadScope } from './scope.ts';

/** Traps the timers of `holder`: the global object, or `node:timers`. */
export function trapTimers(holder: object): void {
  for (const [name, guard] of Object.entries(guards)) trap(holder, name, guard);
}

function clearing<T>(start: (...args: never) => T, clear: (timer: T) => void): Guard {
  return (args) => {
    if (!loadScope.origin()) return undefined;
    const timer = Reflect.apply(start, undefined, args) as T;
    loadScope.atEnd(() => clear(timer));
    return { value: timer };
  };
}

/** Traps `node:timers/promises`: a promise that a statement got never settles once the load has ended. */
export function trapPromisedTimers(promises: object): void {
  const { setTimeout, setImmediate, setInterval, scheduler } = promises as Record<string, Function> & {
    scheduler: { wait: Function };
  };
  if (setTimeout) trap(promises, 'setTimeout', halting(setTimeout));
  if (setImmediate) trap(promises, 'setImmediate', halting(setImmediate));
  if (setInterval) trap(promises, 'setInterval', haltingItems(setInterval));
  trap(Object.getPrototypeOf(scheduler) as object, 'wait', halting(scheduler.wait, scheduler));
}

function halting(start: Function, self?: object): Guard {
  return (args) => {
    if (!loadScope.origin()) return undefined;
    const promise = Reflect.apply(start, self, args) as Promise<unknown>;
    return { value: whileLoading(promise) };
  };
}

function haltingItems(start: Function): Guard {
  return (args) => {
    if (!loadScope.origin()) return undefined;
    const items = Reflect.apply(start, undefined, args) as AsyncIterable<unknown>;
    return { value: itemsWhileLoading(items) };
  };
}

/** One guard for both holders, so that the global `setTimeout` and that of `node:timers` remain the same function. */
const guards: Readonly<Record<string, Guard>> = {
  setTimeout: clearing(timers.setTimeout, timers.clearTimeout),
  setInterval: clearing(timers.setInterval, timers.clearInterval),
  setImmediate: clearing(timers.setImmediate, timers.clearImmediate),
};

/** As `promise`, but never settles after the end of the load. */
function whileLoading<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    loadScope.atEnd(() => (isOver = true));
    promise.then(
      (value) => isOver || resolve(value),
      (error: unknown) => isOver || reject(error),
    );
  });
}

async function* itemsWhileLoading(items: AsyncIterable<unknown>): AsyncGenerator {
  let isOver = false;
  loadScope.atEnd(() => (isOver = true));
  for await (const item of items) {
    if (isOver) break;
    yield item;
  }
  if (isOver) await new Promise(() => {});
}
