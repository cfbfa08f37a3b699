/** Which sources are held up, and who is told. @module */

import { shared } from '../../base/realm.ts';

/** Told whether a source is held up. */
type Listener = (isPaused: boolean) => void;

/** One source. */
interface Pause {
  /** The dependencies that hold it up. */
  readonly holders: Set<object>;
  readonly listeners: Set<Listener>;
}

const pauses = shared('flow pauses', () => new WeakMap<object, Pause>());

function pauseOf(source: object): Pause {
  let pause = pauses.get(source);
  if (!pause) pauses.set(source, (pause = { holders: new Set(), listeners: new Set() }));
  return pause;
}

/** Holds up the items of `source` in the runs over it, until each holder has released it. */
export function holdUp(source: object, holder: object): void {
  const { holders, listeners } = pauseOf(source);
  holders.add(holder);
  for (const listener of listeners) listener(true);
}

/** `holder` does not hold `source` up any more. */
export function release(source: object, holder: object): void {
  const { holders, listeners } = pauseOf(source);
  if (!holders.delete(holder) || holders.size > 0) return;
  for (const listener of listeners) listener(false);
}

/** Calls `listener` at once if `source` is held up, and at each change, until the returned function is called. */
export function onPause(source: object, listener: Listener): () => void {
  const { holders, listeners } = pauseOf(source);
  listeners.add(listener);
  if (holders.size > 0) listener(true);
  return () => void listeners.delete(listener);
}
