/** The call that runs in this thread, for code that does not know of lanes. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Address } from '../address/address.ts';
import type { HandleReply } from '../codec/handles.ts';
import { shared } from '../base/realm.ts';
import type { WaitOptions } from './wait-options.ts';

/** A function of the main side, as the thread names it: one of the arguments, or one that both sides have. */
export type CallbackName = number | { readonly id: number; readonly address: () => Address };

/** What can be asked of the call that runs in this thread. */
export interface RunningCall {
  readonly id: number;

  /** The shared memory of its lane. */
  readonly control: Int32Array;

  /** The call's `AbortSignal`. */
  signal(): AbortSignal;

  /** The thread begins to wait. A generator that is being closed may wait in its `finally`. */
  beginWait(): void;
  endWait(): void;

  /** Reads what has arrived; throws the reason for which the call, or its wait `wait`, was given up: that of the call once. */
  look(wait: number): void;

  /** Tells the main side that the thread sleeps on `words[at]`. */
  sleeps(wait: number, words: Int32Array, at: number, isEndless: boolean): void;

  /** Tells the main side that the thread may hold what is in `words`, of this `kind`; once a call. */
  holds(kind: string, words: Int32Array): void;

  /** Calls a function of the main side. */
  callBack(name: CallbackName, args: unknown[]): HandleReply;

  /** As `callBack`, and blocks until it is answered. */
  waitFor(name: CallbackName, args: unknown[], options: WaitOptions): unknown;
}

type FindSignal = () => AbortSignal | undefined;

const running = shared('running call', () => ({
  /** In a thread of the library one call runs at a time. */
  here: undefined as (() => RunningCall | undefined) | undefined,

  /** Of calls that run beside each other: those of inline mode, and the callbacks of the main side. */
  signals: new AsyncLocalStorage<FindSignal>(),
}));

/** The call that runs in this thread, if it is one of the library's and one runs. */
export function runningCall(): RunningCall | undefined {
  return running.here?.();
}

/** Makes `find` the one that knows the running call of this thread. */
export function serveCalls(find: () => RunningCall | undefined): void {
  running.here = find;
}

/** The signal of what runs here. */
export function signalHere(): AbortSignal | undefined {
  const find = running.signals.getStore();
  return find ? find() : running.here?.()?.signal();
}

/** Runs `run` as something of its own, whose signal is what `find` gives. */
export function withSignal<T>(find: FindSignal, run: () => T): T {
  return running.signals.run(find, run);
}
