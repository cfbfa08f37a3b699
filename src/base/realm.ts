/** What all copies of the library in one thread share, and which side of a lane this thread is on. @module */

/** State of a thread that the library started; the main side has none. */
export interface ThreadState {
  /** The URL of the module that is being loaded for a call; `undefined` at any other time. */
  loading: string | undefined;

  /** Which of the threads of its pool it is, from 1; `undefined` for a thread of its own. */
  readonly number?: number | undefined;

  /** How many threads of the library there are from the main side down to this one, itself among them. */
  readonly depth?: number;
}

interface Realm {
  readonly slots: Map<string, unknown>;
  thread: ThreadState | undefined;
}

const key = Symbol.for('offloop.realm@1');

function realm(): Realm {
  const holder = globalThis as { [key]?: Realm };
  return (holder[key] ??= { slots: new Map(), thread: undefined });
}

/** The value under `name`, made by the first copy of the library that asks. Every copy gets the same one. */
export function shared<T>(name: string, make: () => T): T {
  const { slots } = realm();
  if (!slots.has(name)) slots.set(name, make());
  return slots.get(name) as T;
}

/**
 * The state of this thread if the library started it, else `undefined`. It is asked instead of `isMainThread`, which
 * is false in the threads of test runners although those are the main side of their own lanes.
 */
export function threadState(): ThreadState | undefined {
  return realm().thread;
}

/** Marks this thread as one that the library started. */
export function enterThread(state: ThreadState): void {
  realm().thread = state;
}
