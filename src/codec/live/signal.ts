/** Signals that look up their state elsewhere, even while this thread blocks; listeners are called later. @module */

import { AbortController } from '../../base/intrinsics.ts';

/** The reason of an aborted signal. */
export interface Aborted {
  readonly reason: unknown;
}

/** A signal, and a function that calls its listeners. */
export interface LiveSignal {
  readonly signal: AbortSignal;

  /** Calls the listeners, once, if the signal is aborted. */
  fire(): void;
}

/** Makes a signal that calls `look` whenever its `aborted`, `reason` or `throwIfAborted()` is used. */
export function liveSignal(look: () => Aborted | undefined): LiveSignal {
  const controller = new AbortController();
  const { signal } = controller;
  Object.defineProperties(signal, {
    aborted: { get: () => look() !== undefined, configurable: true },
    reason: { get: () => look()?.reason, configurable: true },
    throwIfAborted: {
      value: () => {
        const aborted = look();
        if (aborted) throw aborted.reason;
      },
      configurable: true,
      writable: true,
    },
  });
  return {
    signal,
    fire() {
      const aborted = look();
      if (!aborted) return;
      // From now on the signal's own state says the same. Deno asks `aborted` before it calls the listeners.
      for (const name of ['aborted', 'reason', 'throwIfAborted'] as const) Reflect.deleteProperty(signal, name);
      controller.abort(aborted.reason);
    },
  };
}
