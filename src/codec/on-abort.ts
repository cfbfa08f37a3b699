/** Many listeners of one signal's abort: what many calls share one signal for. @module */

/** Those who listen to one signal, and what it is given to tell them. */
interface Listening {
  readonly listeners: Set<() => void>;
  readonly tellAll: () => void;
}

const known = new WeakMap<AbortSignal, Listening>();

/**
 * Calls `listener` when `signal` is aborted, unless what it gives is called before. However many listen, the signal has
 * one listener, and none when nobody does: Node warns from the eleventh on, and keeps what AbortSignal.any makes.
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

/** Not every polyfill says by `this` whose event it is, or listens once where that is asked for. */
function listenTo(signal: AbortSignal): Listening {
  const listeners = new Set<() => void>();
  const tellAll = (): void => {
    known.delete(signal);
    signal.removeEventListener('abort', tellAll);
    for (const listener of listeners) listener();
  };
  return { listeners, tellAll };
}
