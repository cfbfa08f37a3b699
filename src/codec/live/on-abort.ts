/** Lets many calls share one 'abort' listener of a signal. @module */

/** The listeners of one signal, and the function that the signal itself calls. */
interface Listening {
  readonly listeners: Set<() => void>;
  readonly tellAll: () => void;
}

const known = new WeakMap<AbortSignal, Listening>();

/**
 * Calls `listener` when `signal` is aborted, unless the returned function is called first. The signal has only one
 * listener, however many there are here, and none when there are none: Node.js warns from the eleventh listener on, and
 * never releases a signal of `AbortSignal.any` that has one.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listening = known.get(signal);
  if (!listening) {
    known.set(signal, (listening = listenTo(signal)));
    signal.addEventListener('abort', listening.tellAll);
  }
  const { listeners, tellAll } = listening;
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0 || known.get(signal) !== listening) return;
    known.delete(signal);
    signal.removeEventListener('abort', tellAll);
  };
}

/** Does not rely on `this` or the option `once`, which not every polyfill supports. */
function listenTo(signal: AbortSignal): Listening {
  const listeners = new Set<() => void>();
  const tellAll = (): void => {
    known.delete(signal);
    signal.removeEventListener('abort', tellAll);
    for (const listener of listeners) listener();
  };
  return { listeners, tellAll };
}
