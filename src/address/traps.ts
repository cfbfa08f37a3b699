/** Sees to it that a thread has its traps before it has anything that they have to stand before. @module */

import { createRequire } from 'node:module';
import type { ModuleSpec } from './address.ts';
import { loadScope } from './trap/scope.ts';

/** The mark that threads see; on the main side, one for all modules. */
export const early: Int32Array = new Int32Array(new SharedArrayBuffer(4));

type Install = typeof import('./trap/install.ts');

let isReady = false;
let isTooLate = false;

/** A module is about to be evaluated, which may copy what is not trapped yet. */
export function noteEvaluation(): void {
  isTooLate ||= !isReady;
}

/**
 * From now on threads have their traps before anything else. Until then they have them no sooner than they need them:
 * most programs have no view, and their threads start faster without.
 */
export function trapEarly(): void {
  Atomics.store(early, 0, 1);
}

/** Installs the traps if it is known that threads need them: before the first module of this one, `spec`, is evaluated. */
export async function trapIfKnown({ view }: ModuleSpec): Promise<void> {
  if (isReady || isTooLate || Atomics.load(view.early, 0) === 0) return;
  install(await import('./trap/install.ts'));
}

/**
 * Installs the traps for the view of `spec`. A thread that has evaluated other modules without them gives up: its calls
 * move to one that has them from the beginning.
 */
export async function trapForView(spec: ModuleSpec): Promise<void> {
  if (isReady) return;
  if (isTooLate) startAnew(spec);
  install(await import('./trap/install.ts'));
}

/** As {@link trapForView}, in a hook: a module imports the program back. */
export function trapForGuarded(spec: ModuleSpec): void {
  if (isReady) return;
  startAnew(spec);
  // A call runs, and has imported it: late is better than never.
  install(createRequire(import.meta.url)('../address/trap/install.js') as Install);
}

function startAnew({ view }: ModuleSpec): void {
  Atomics.store(view.early, 0, 1);
  loadScope.thread.discard?.();
}

function install({ installTraps }: Install): void {
  isReady = true;
  installTraps();
}
