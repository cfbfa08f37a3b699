/**
 * The originals of built-ins that fake timers, zone.js, polyfills or jsdom replace, before the library was loaded or
 * later. The library's own code uses these instead of the globals. Timers and clocks are in `clock.ts`. @module
 */

import * as util from 'node:util';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';

/** The native `Promise`, taken from an `async` function. */
export const Promise: PromiseConstructor = (async () => undefined)().constructor as PromiseConstructor;

// Bun has no such function; `offloop/sse` runs there too.
const { transferableAbortController } = util as Partial<typeof util>;
const controller = transferableAbortController?.() ?? new globalThis.AbortController();

export const AbortController: typeof globalThis.AbortController =
  controller.constructor as typeof globalThis.AbortController;

export const AbortSignal: typeof globalThis.AbortSignal = controller.signal
  .constructor as unknown as typeof globalThis.AbortSignal;

/**
 * `WeakRef` and `FinalizationRegistry` are read at load; a replacement written in JavaScript could not release its
 * target.
 */
export const WeakRef: WeakRefConstructor = globalThis.WeakRef;

export const FinalizationRegistry: FinalizationRegistryConstructor = globalThis.FinalizationRegistry;

/** Typed here because the types of the oldest supported Node.js lack it. */
type WaitAsync = (
  words: Int32Array,
  at: number,
  seen: number,
  timeout?: number,
) => { readonly async: boolean; readonly value: Promise<string> | string };

/**
 * Its promise resolves once `words[at]` is notified or `timeout` milliseconds have passed. It does not keep the process
 * alive.
 */
export const waitAsync: WaitAsync = (Atomics as unknown as { waitAsync: WaitAsync }).waitAsync;

/** Runs `action` as a microtask. */
export function queueMicrotask(action: () => void): void {
  void runLater(action);
}

async function runLater(action: () => void): Promise<void> {
  // Awaiting a native promise runs no code that a program can replace.
  await done;
  action();
}

const done = Promise.resolve();

const { nextTick } = process;

/** A replacement by fake timers is written in another way, and may never call what it was given. */
const isOwnTick = /^function nextTick\(callback\) \{\s+validateFunction\(/.test(String(nextTick));

/** Runs `action` once all microtasks have run that are due, or as a microtask if `nextTick` was replaced before the load. */
export const afterMicrotasks: (action: () => void) => void = isOwnTick ? nextTick : queueMicrotask;

let date: DateConstructor | undefined;

/** A native `Date`, `time` milliseconds after the epoch. */
export function dateAt(time: number): Date {
  // A structured clone is a native `Date`, even if the global `Date` is a subclass.
  // oxlint-disable-next-line no-restricted-globals
  date ??= structuredClone(new Date(0)).constructor as DateConstructor;
  return new date(time);
}

/** Milliseconds since the epoch, by the system's clock, which may be set. Fake timers do not change it. */
export function epochTime(): number {
  date ??= dateAt(0).constructor as DateConstructor;
  return date.now();
}

/** The type of the global `structuredClone`. */
type Clone = <T>(value: T, options?: { readonly transfer?: readonly Transferable[] }) => T;

const found = globalThis.structuredClone as Clone | undefined;
let clone: Clone | undefined;

/** Gives the structured clone of `value`; the objects in `transfer` are moved. */
export function structuredClone<T>(value: T, options?: { readonly transfer?: readonly Transferable[] }): T {
  clone ??= found && sharesMemory(found) ? found : cloneByPort();
  return clone(value, options);
}

/** Whether `candidate` is native: a replacement written in JavaScript cannot clone shared memory. */
function sharesMemory(candidate: Clone): boolean {
  try {
    const bytes = new Uint8Array(new SharedArrayBuffer(1));
    const copy = candidate(bytes);
    bytes[0] = 1;
    return copy !== bytes && copy[0] === 1;
  } catch {
    return false;
  }
}

function cloneByPort(): Clone {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  port2.unref();
  return <T>(value: T, options?: { readonly transfer?: readonly Transferable[] }): T => {
    port1.postMessage(value, options?.transfer ?? []);
    return (receiveMessageOnPort(port2) as { message: T }).message;
  };
}
