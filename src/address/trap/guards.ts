/** Decides what happens to a trapped call: it passes, is muted, or is a hit. @module */

import { hit } from './hit.ts';
import type { Guard } from './pass-through.ts';
import { loadScope } from './scope.ts';

/**
 * A description of the effect, to follow "it"; a substitute for a call that only prints; or `undefined` for no effect.
 */
export type Verdict = string | (() => unknown) | undefined;

/** Judges a call by its arguments. */
export type Judge = (args: readonly unknown[]) => Verdict;

/** A guard for the function known as `name`. */
export function guard(name: string, judge: Judge): Guard {
  return (args) => {
    const verdict = judge(args);
    const origin = verdict === undefined ? undefined : loadScope.origin();
    if (!origin) return undefined;
    if (typeof verdict === 'function') return { value: verdict() };
    throw hit(`${verdict} (${name})`, origin);
  };
}

/** Whether the text being printed comes from a statement of a view, and was printed by the program itself. */
export function isMuted(): boolean {
  return loadScope.isOpen && loadScope.origin() !== undefined;
}

/**
 * Called when a load has failed with `error`. If a statement of a view threw only because it lacks what an earlier hit
 * left out, it is left out too, and the thread ends. Other errors have no effect here.
 */
export function blame(error: unknown): void {
  const origin = error instanceof Error ? loadScope.originOf(error) : undefined;
  if (origin && origin.view.version > 0) hit('throws, because it lacks what was left out', origin);
}

/**
 * Called for a call of a wrapped function. If a statement of a view makes the call, that is a hit: the thread ends.
 * Returns `true` if the statement cannot be left out; then the load fails and the call must not be made.
 */
export function isTrappedCall(name: string): boolean {
  const origin = loadScope.isOpen ? loadScope.origin() : undefined;
  if (origin) hit(`calls ${name || 'a wrapped function'}`, origin);
  return origin !== undefined;
}
