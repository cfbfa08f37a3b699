/** Abort signals, whoever made them: Node.js, jsdom, a polyfill. @module */

import { AbortController, AbortSignal } from './intrinsics.ts';
import type { Check } from './options.ts';

/** Whether `value` is an `AbortSignal`, of this realm or another, or does what one does. */
export function isSignal(value: unknown): value is AbortSignal {
  if (value instanceof AbortSignal) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && [addEventListener, removeEventListener].every((it) => typeof it === 'function')
  );
}

/** For options. */
export const signalCheck: Check = (value) => (isSignal(value) ? undefined : 'an AbortSignal');

/** The reason of `signal`, which is aborted: where it keeps none, as older polyfills do, the reason that Node.js gives. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason === undefined ? withoutReason() : (signal.reason as unknown);
}

function withoutReason(): unknown {
  const controller = new AbortController();
  controller.abort();
  return controller.signal.reason;
}

/** Throws the reason of `signal`, if that is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}
