/** Installs the traps of a thread before any code runs that could keep an untrapped function. @module */

import type { ModuleSpec } from '../address.ts';
import { requireTraps } from '../own-files.ts';
import { loadScope } from '../trap/scope.ts';

/** The flag that threads see; on the main side one flag for all modules. */
export const early: Int32Array = new Int32Array(new SharedArrayBuffer(4));

type Install = typeof import('../trap/install.ts');

let isReady = false;
let isTooLate = false;

/** Notes that a module is about to be evaluated, which may copy functions that are not trapped yet. */
export function noteEvaluation(): void {
  isTooLate ||= !isReady;
}

/**
 * Makes all threads install their traps before anything else from now on. Until then a thread installs them only on
 * demand, because most programs have no view, and a thread without traps starts faster.
 */
export function trapEarly(): void {
  Atomics.store(early, 0, 1);
}

/** Installs the traps if threads are known to need them, before this thread evaluates its first module. */
export async function trapIfKnown({ view }: ModuleSpec): Promise<void> {
  if (isReady || isTooLate || Atomics.load(view.early, 0) === 0) return;
  install(await import('../trap/install.ts'));
}

/**
 * Installs the traps for the view of `spec`. A thread that has already evaluated other modules without traps discards
 * itself, and its calls move to a thread that has traps from the beginning.
 */
export async function trapForView(spec: ModuleSpec): Promise<void> {
  if (isReady) return;
  if (isTooLate) startAnew(spec);
  install(await import('../trap/install.ts'));
}

/** As {@link trapForView}, but synchronous, in a hook: a module imports the program back. */
export function trapForGuarded(spec: ModuleSpec): void {
  if (isReady) return;
  startAnew(spec);
  // The thread could not be discarded, because a call runs that has imported the program: trap at least what follows.
  install(requireTraps());
}

function startAnew({ view }: ModuleSpec): void {
  Atomics.store(view.early, 0, 1);
  loadScope.thread.discard?.();
}

function install({ installTraps }: Install): void {
  isReady = true;
  installTraps();
}
