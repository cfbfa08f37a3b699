/** Which thread may hold what: so that what a thread held when it ended does not stay held for ever. @module */

import { threadId } from 'node:worker_threads';
import { shared, threadState } from '../base/realm.ts';
import { runningCall } from './running-call.ts';

/** How things of a kind say who holds them. */
export interface Holding {
  /** Frees what is in `words`, if the thread `threadId`, which has ended, holds it. Others may use it meanwhile. */
  recover(words: Int32Array, threadId: number): void;

  /** Whether the thread `threadId` holds what is in `words`. */
  isHeldBy(words: Int32Array, threadId: number): boolean;
}

/** Something that a thread may hold. */
interface Held {
  readonly kind: string;
  readonly words: Int32Array;
}

const state = shared('holders', () => ({
  kinds: new Map<string, Holding>(),

  /** By the thread's id, on the main side. */
  held: new Map<number, Map<string, Held>>(),

  /** Threads that have ended and whose word may come late, since another thread passes it on. */
  late: new Set<number>(),

  /** In a thread: tells the main side. */
  tell: undefined as ((id: number, kind: string, words: Int32Array) => void) | undefined,
}));

/** Says how things of this `kind` are held. */
export function defineHolding(kind: string, holding: Holding): void {
  state.kinds.set(kind, holding);
}

/** Says, before this thread takes hold of something of this `kind` in `words`, that it may hold it from now on. */
export function mayHold(kind: string, words: Int32Array): void {
  // The main side ends with the process.
  if (!threadState()) return;
  const call = runningCall();
  if (call) call.holds(kind, words);
  else state.tell?.(threadId, kind, words);
}

/** Makes `tell` what tells the main side of what this thread, or one that it has asked for, may hold. */
export function tellHoldersBy(tell: (id: number, kind: string, words: Int32Array) => void): void {
  state.tell = tell;
}

/** The thread `id` may hold what is in `words`. */
export function noteHolder(id: number, kind: string, words: Int32Array): void {
  if (state.tell) return state.tell(id, kind, words);
  if (state.late.has(id)) return state.kinds.get(kind)?.recover(words, id);
  let held = state.held.get(id);
  if (!held) state.held.set(id, (held = new Map()));
  // The first two words tell things of a kind apart.
  held.set(`${kind} ${words[0]} ${words[1]}`, { kind, words });
}

/** The thread `id` is done with a call: what it does not hold now, it will speak of again before it does. */
export function forgetHolders(id: number): void {
  const held = state.held.get(id);
  if (!held) return;
  for (const [key, { kind, words }] of held) if (!state.kinds.get(kind)?.isHeldBy(words, id)) held.delete(key);
  if (held.size === 0) state.held.delete(id);
}

/** The thread `id` has ended. */
export function recover(id: number): void {
  for (const { kind, words } of state.held.get(id)?.values() ?? []) state.kinds.get(kind)?.recover(words, id);
  state.held.delete(id);
}

/** As {@link recover}, for a thread that another one had asked for; {@link forgetLate} is to follow. */
export function recoverLate(id: number): void {
  state.late.add(id);
  recover(id);
}

/** Nothing more will be said of the thread `id`. */
export function forgetLate(id: number): void {
  state.late.delete(id);
}
