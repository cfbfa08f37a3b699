/** Many listeners of one signal's abort: what many calls share one signal for. @module */

const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when `signal` is aborted, unless what it gives is called before. However many listen, the signal has
 * one listener, and none when nobody does: Node warns from the eleventh on, and keeps what AbortSignal.any makes.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = listenersOf.get(signal);
  if (!listeners) {
    listenersOf.set(signal, (listeners = new Set()));
    signal.addEventListener('abort', tellAll, { once: true });
  }
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0 || listenersOf.get(signal) !== listeners) return;
    listenersOf.delete(signal);
    signal.removeEventListener('abort', tellAll);
  };
}

function tellAll(this: AbortSignal): void {
  const listeners = listenersOf.get(this);
  listenersOf.delete(this);
  for (const listener of listeners ?? []) listener();
}
