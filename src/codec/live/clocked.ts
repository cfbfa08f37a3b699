/** Signals that a timer will abort: their own timers do not keep the process alive. @module */

import { Keeper } from '../../base/clock.ts';

const nothing = (): void => undefined;

/** Keeps the process alive for `signal`, if a timer will abort it, until the returned function is called. */
export function holdForClock(signal: AbortSignal): () => void {
  if (!hasClock(signal)) return nothing;
  const keeper = new Keeper();
  keeper.hold();
  return () => keeper.letGo();
}

/** Gives a keeper of the process for `signal`; nothing, if no timer will abort it. */
export function clockOf(signal: AbortSignal): Keeper | undefined {
  return hasClock(signal) ? new Keeper() : undefined;
}

/** Whether a timer will abort `signal`: it was made by `AbortSignal.timeout`, or depends on a signal that was. */
export function hasClock(signal: AbortSignal | undefined): boolean {
  if (!signal || signal.aborted) return false;
  // There is no API for this, and the timer of such a signal is not among the resources of the process.
  for (const key of Object.getOwnPropertySymbols(signal)) {
    const value = (signal as unknown as Record<symbol, unknown>)[key];
    if (timers.has(key.description) && Boolean(value)) return true;
    if (sources.has(key.description) && isIterable(value)) {
      for (const source of value) if (hasClock((source as WeakRef<AbortSignal>).deref())) return true;
    }
  }
  return false;
}

/** The names that Node.js and Deno give to whether a timer aborts a signal, and to the signals that abort it. */
const timers = new Set<string | undefined>(['kTimeout', '[[timerId]]']);
const sources = new Set<string | undefined>(['kSourceSignals', '[[sourceSignals]]']);

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
