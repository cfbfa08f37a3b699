/** State that all copies of one version share in a thread, and whether the library started this thread. @module */

import { ownThread, version } from './copies.ts';

/** State of a thread that the library started; the main side has no such state. */
export interface ThreadState {
  /** The URL of the module that is being loaded for a call; `undefined` at any other time. */
  loading: string | undefined;

  /** The number of this thread in its pool, from 1; `undefined` for a dedicated thread. */
  readonly number?: number | undefined;

  /** How many threads of the library are nested from the main side down to this one, this one included. */
  readonly depth?: number;
}

interface Realm {
  readonly slots: Map<string, unknown>;
  thread: ThreadState | undefined;
}

/** The key of the state in the registry of symbols. Copies of other versions have other state, as it may differ in form. */
export const realmKey: string = `offloop.realm@${version}`;

const key = Symbol.for(realmKey);

const holder = globalThis as { [name: symbol]: Realm | undefined };
const realm: Realm = (holder[key] ??= { slots: new Map(), thread: undefined });

/** The value under `name`, made by the first copy of the library that asks for it and shared by all copies. */
export function shared<T>(name: string, make: () => T): T {
  const { slots } = realm;
  if (!slots.has(name)) slots.set(name, make());
  return slots.get(name) as T;
}

/**
 * The state of this thread if the library started it, else `undefined`. Use this, not `isMainThread`: the threads of
 * test runners are not the main thread, yet each is the main side for the threads that it starts.
 */
export function threadState(): ThreadState | undefined {
  return realm.thread;
}

/** Marks this thread as one that the library started. */
export function enterThread(state: ThreadState): void {
  realm.thread = state;
  ownThread();
}
