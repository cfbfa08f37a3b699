/** Signals whose state lives elsewhere: looked up while this thread blocks, told to listeners when its loop turns. @module */

import { AbortController } from '../base/intrinsics.ts';

/** What a signal was aborted with. */
export interface Aborted {
  readonly reason: unknown;
}

/** A signal, and what tells its listeners. */
export interface LiveSignal {
  readonly signal: AbortSignal;

  /** Calls the listeners, once, if it is aborted. */
  fire(): void;
}

/** Makes a signal that asks `look` whether it is aborted, whenever its `aborted`, `reason` or `throwIfAborted()` is. */
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
      if (aborted) controller.abort(aborted.reason);
    },
  };
}
