/** Gives access to the call that runs in this thread, without knowledge of lanes. @module */

import type { Address } from '../address/address.ts';
import type { HandleReply } from '../codec/live/handles.ts';
import { insideOf, runInside } from '../context/within.ts';
import { shared } from '../base/realm.ts';
import type { WaitOptions } from './wait-options.ts';

/**
 * A thread's name for a function of the main side: a function argument by its number, a registered one by its address.
 */
export type CallbackName = number | { readonly id: number; readonly address: () => Address };

/** The call that runs in this thread. */
export interface RunningCall {
  readonly id: number;

  /** The shared memory of its lane. */
  readonly control: Int32Array;

  /** The call's `AbortSignal`. */
  signal(): AbortSignal;

  /** Called when the thread begins to wait. A generator that is being closed may still wait in its `finally`. */
  beginWait(): void;
  endWait(): void;

  /** Reads the messages that have arrived. Throws the reason if the call (once), or its wait `wait`, was given up. */
  look(wait: number): void;

  /** Tells the main side that the thread sleeps on `words[at]`. */
  sleeps(wait: number, words: Int32Array, at: number, isEndless: boolean): void;

  /** Tells the main side, once for each call, that the thread may hold the primitive in `words`. */
  holds(kind: string, words: Int32Array): void;

  /** Calls `action` once, before the thread next waits in this call, or before the call is answered. */
  beforePause(action: () => void): void;

  /** Lets the thread keep handles of later calls until this call ends. */
  keepHandles(): void;

  /** Calls a function of the main side. */
  callBack(name: CallbackName, args: unknown[]): HandleReply;

  /** As `callBack`, but blocks until the result is there. */
  waitFor(name: CallbackName, args: unknown[], options: WaitOptions): unknown;
}

type FindSignal = () => AbortSignal | undefined;

const running = shared('running call', () => ({
  /** The running call of a thread of the library, which runs one call at a time. */
  here: undefined as (() => RunningCall | undefined) | undefined,
}));

/** The call that runs in this thread, if this is a thread of the library and a call runs. */
export function runningCall(): RunningCall | undefined {
  return running.here?.();
}

/** Makes `find` give the running call of this thread. */
export function serveCalls(find: () => RunningCall | undefined): void {
  running.here = find;
}

/** The signal of the running call or callback. */
export function signalHere(): AbortSignal | undefined {
  const inside = insideOf();
  return inside?.signal ? inside.signal() : running.here?.()?.signal();
}

/** Runs `run` as a call of its own, whose signal `find` gives. */
export function withSignal<T>(find: FindSignal, run: () => T): T {
  return runInside({ call: insideOf()?.call, signal: find }, run);
}
