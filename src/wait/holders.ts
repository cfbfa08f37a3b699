/** Notes which primitives each thread may hold, so that they are freed when the thread ends. @module */

import { threadId } from 'node:worker_threads';
import { shared, threadState } from '../base/realm.ts';
import { runningCall } from './running-call.ts';

/** How the primitives of one kind are freed. */
export interface Holding {
  /** Frees the primitive in `words` if the ended thread `threadId` holds it. Other threads may use it meanwhile. */
  recover(words: Int32Array, threadId: number): void;

  /** Whether the thread `threadId` holds the primitive in `words`. */
  isHeldBy(words: Int32Array, threadId: number): boolean;

  /**
   * Called in each thread that a note passes on its way to the main side, and there. `by` is the thread that passed it
   * on: `threadId` itself, or one that has borrowed it.
   */
  noted?(words: Int32Array, threadId: number, by: number | undefined): void;
}

/** A primitive that a thread may hold. */
interface Held {
  readonly kind: string;
  readonly words: Int32Array;
}

const state = shared('holders', () => ({
  kinds: new Map<string, Holding>(),

  /** On the main side: the primitives that each thread may hold, by the thread's id. */
  held: new Map<number, Map<string, Held>>(),

  /** Threads that have ended and whose notes may still arrive, because another thread passes them on. */
  late: new Set<number>(),

  /** In a thread: passes a note to the main side. */
  tell: undefined as ((id: number, kind: string, words: Int32Array) => void) | undefined,
}));

/** Registers a kind of primitive. */
export function defineHolding(kind: string, holding: Holding): void {
  state.kinds.set(kind, holding);
}

/** Notes that this thread may hold the primitive in `words` from now on; to be called before it takes hold of it. */
export function mayHold(kind: string, words: Int32Array): void {
  // The main side ends only with the process, so nothing has to be freed then.
  if (!threadState()) return;
  const call = runningCall();
  if (call) call.holds(kind, words);
  else state.tell?.(threadId, kind, words);
}

/** Makes `tell` pass the notes of this thread, and of threads that it has borrowed, to the main side. */
export function tellHoldersBy(tell: (id: number, kind: string, words: Int32Array) => void): void {
  state.tell = tell;
}

/** Notes that the thread `id` may hold the primitive in `words`, as the thread `by` says. */
export function noteHolder(id: number, kind: string, words: Int32Array, by?: number): void {
  state.kinds.get(kind)?.noted?.(words, id, by);
  if (state.tell) return state.tell(id, kind, words);
  if (state.late.has(id)) return state.kinds.get(kind)?.recover(words, id);
  let held = state.held.get(id);
  if (!held) state.held.set(id, (held = new Map()));
  // The first two words identify a primitive: see `identityWords`.
  held.set(`${kind} ${words[0]} ${words[1]}`, { kind, words });
}

/** Called when a call of the thread `id` has ended: drops the notes of primitives that it does not hold now. */
export function forgetHolders(id: number): void {
  const held = state.held.get(id);
  if (!held) return;
  for (const [key, { kind, words }] of held) if (!state.kinds.get(kind)?.isHeldBy(words, id)) held.delete(key);
  if (held.size === 0) state.held.delete(id);
}

/** Called when the thread `id` has ended: frees the primitives that it held. */
export function recover(id: number): void {
  for (const { kind, words } of state.held.get(id)?.values() ?? []) state.kinds.get(kind)?.recover(words, id);
  state.held.delete(id);
}

/** As {@link recover}, for a borrowed thread, whose notes may still arrive until {@link forgetLate} is called. */
export function recoverLate(id: number): void {
  state.late.add(id);
  recover(id);
}

/** Called when no further notes of the thread `id` can arrive. */
export function forgetLate(id: number): void {
  state.late.delete(id);
}
