/**
 * What the language and Node.js give, whoever has put something else in place of their globals: fake timers, zone.js,
 * polyfills, jsdom, before the library was loaded or since. Nothing of the library's own asks the globals for these.
 * Timers and clocks are in `clock.ts`. @module
 */

import { transferableAbortController } from 'node:util';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';

/** The promise of `async` functions. */
export const Promise: PromiseConstructor = (async () => undefined)().constructor as PromiseConstructor;

const controller = transferableAbortController();

export const AbortController: typeof globalThis.AbortController =
  controller.constructor as typeof globalThis.AbortController;

export const AbortSignal: typeof globalThis.AbortSignal = controller.signal
  .constructor as unknown as typeof globalThis.AbortSignal;

/** As they were when the library was loaded: what a program makes in their place cannot let go of what it holds. */
export const WeakRef: WeakRefConstructor = globalThis.WeakRef;

export const FinalizationRegistry: FinalizationRegistryConstructor = globalThis.FinalizationRegistry;

/** The floor's types do not know it, which all supported versions of Node.js have. */
type WaitAsync = (
  words: Int32Array,
  at: number,
  seen: number,
  timeout?: number,
) => { readonly async: boolean; readonly value: Promise<string> | string };

/** Gives what resolves once `words[at]` was notified, or after `timeout` milliseconds; it does not keep the process alive. */
export const waitAsync: WaitAsync = (Atomics as unknown as { waitAsync: WaitAsync }).waitAsync;

/** Runs `action` once what runs now has come to its end, before anything else of the loop. */
export function queueMicrotask(action: () => void): void {
  void runLater(action);
}

async function runLater(action: () => void): Promise<void> {
  // A promise of the language's: nothing that has been put in its place is asked.
  await done;
  action();
}

const done = Promise.resolve();

let date: DateConstructor | undefined;

/** A date of the language's, `time` milliseconds after the epoch. */
export function dateAt(time: number): Date {
  // Structured clone makes the language's own of whatever extends it.
  // oxlint-disable-next-line no-restricted-globals
  date ??= structuredClone(new Date(0)).constructor as DateConstructor;
  return new date(time);
}

/** What to clone and how; see the global of this name. */
type Clone = <T>(value: T, options?: { readonly transfer?: readonly Transferable[] }) => T;

const found = globalThis.structuredClone as Clone | undefined;
let clone: Clone | undefined;

/** The structured clone of `value`; `transfer` moves. */
export function structuredClone<T>(value: T, options?: { readonly transfer?: readonly Transferable[] }): T {
  clone ??= found && sharesMemory(found) ? found : cloneByPort();
  return clone(value, options);
}

/** What a program can make in its place cannot share memory. */
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
