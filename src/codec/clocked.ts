/** Signals that time aborts: they do not keep the process alive, and yet something is to come. @module */

import { Keeper } from '../base/clock.ts';

const nothing = (): void => undefined;

/** Keeps the process alive for `signal`, if time alone will abort it, until what it gives is called: its own timer does not. */
export function holdForClock(signal: AbortSignal): () => void {
  if (!hasClock(signal)) return nothing;
  const keeper = new Keeper();
  keeper.hold();
  return () => keeper.letGo();
}

/** Whether time alone will abort `signal`: it is of `AbortSignal.timeout`, or follows one that is. */
export function hasClock(signal: AbortSignal | undefined): boolean {
  if (!signal || signal.aborted) return false;
  // Node.js tells it in no other way, and a timer of such a signal is not among the process's resources.
  for (const key of Object.getOwnPropertySymbols(signal)) {
    const value = (signal as unknown as Record<symbol, unknown>)[key];
    if (key.description === 'kTimeout' && value === true) return true;
    if (key.description === 'kSourceSignals' && isIterable(value)) {
      for (const source of value) if (hasClock((source as WeakRef<AbortSignal>).deref())) return true;
    }
  }
  return false;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
