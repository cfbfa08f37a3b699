/** What a trap does with a call: lets it pass, mutes it, or takes it for a hit. @module */

import { hit } from './hit.ts';
import type { Guard } from './pass-through.ts';
import { loadScope } from './scope.ts';

/** What a call would do, in words that follow "it"; or what it gives instead, if it only prints; or nothing that counts. */
export type Verdict = string | (() => unknown) | undefined;

/** Judges a call by its arguments. */
export type Judge = (args: readonly unknown[]) => Verdict;

/** A guard for the function that people know as `name`. */
export function guard(name: string, judge: Judge): Guard {
  return (args) => {
    const verdict = judge(args);
    const origin = verdict === undefined ? undefined : loadScope.origin();
    if (!origin) return undefined;
    if (typeof verdict === 'function') return { value: verdict() };
    throw hit(`${verdict} (${name})`, origin);
  };
}

/** Whether what is printed now is a view's doing, and was printed by the program itself. */
export function isMuted(): boolean {
  return loadScope.isOpen && loadScope.origin() !== undefined;
}

/**
 * The load has failed with `error`. A statement that throws only because it lacks what was left out goes as well: the
 * thread ends. Anything else is as it was.
 */
export function blame(error: unknown): void {
  const origin = error instanceof Error ? loadScope.originOf(error) : undefined;
  if (origin && origin.view.version > 0) hit('throws, without what was left out', origin);
}

/**
 * A wrapped function is called: if a statement of a view does it, the thread ends. Says whether it did and cannot be left
 * out: then the load fails, and the call is not made.
 */
export function isTrappedCall(name: string): boolean {
  const origin = loadScope.isOpen ? loadScope.origin() : undefined;
  if (origin) hit(`calls ${name || 'a wrapped function'}`, origin);
  return origin !== undefined;
}
