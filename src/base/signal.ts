/** Abort signals of any origin: Node.js, jsdom or a polyfill. @module */

import { AbortController, AbortSignal } from './intrinsics.ts';
import type { Check } from './options.ts';

/** Whether `value` is an `AbortSignal` of any realm, or an object with the same interface. */
export function isSignal(value: unknown): value is AbortSignal {
  if (value instanceof AbortSignal) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && [addEventListener, removeEventListener].every((it) => typeof it === 'function')
  );
}

/** The check of an option that takes a signal. */
export const signalCheck: Check = (value) => (isSignal(value) ? undefined : 'an AbortSignal');

/**
 * The reason of the aborted `signal`. Older polyfills keep no reason; for these it is the default reason of Node.js.
 */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason === undefined ? withoutReason() : (signal.reason as unknown);
}

function withoutReason(): unknown {
  const controller = new AbortController();
  controller.abort();
  return controller.signal.reason;
}

/** Throws the reason of `signal` if it is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}
