/** SIGINT and SIGTERM while a flow runs. @module */

/** Told of the first signal, and of the second. */
export interface InterruptListener {
  first(name: NodeJS.Signals): void;
  second(name: NodeJS.Signals): void;
}

/**
 * Listens until the returned function is called. The first signal is for the listener alone; after the second one, whichever
 * it is, nothing of the library listens any more, and the process ends as it would without, unless others listen.
 */
export function onInterrupt(names: readonly NodeJS.Signals[], listener: InterruptListener): () => void {
  let hasCome = false;
  const hear = (name: NodeJS.Signals): void => {
    if (!hasCome) {
      hasCome = true;
      listener.first(name);
      return;
    }
    stop();
    listener.second(name);
    if (process.listenerCount(name) === 0) process.kill(process.pid, name);
  };
  const stop = (): void => {
    for (const name of names) process.off(name, hear);
  };
  for (const name of names) process.on(name, hear);
  return stop;
}
