/** Ends a thread that has run part of what only the program may run. @module */

import { loadScope } from '../address/trap/scope.ts';

// As it is before there are traps.
const { reallyExit } = process as unknown as { reallyExit: (code: number) => never };

/**
 * Lets a hit end this thread, if `giveUp` says that its calls run in another one. It takes no further step, be it a
 * `catch` or a handler of its end.
 */
export function discardBy(giveUp: () => boolean): void {
  loadScope.thread.discard = (): void => {
    if (!giveUp()) return;
    Reflect.apply(reallyExit, process, [0]);
    // The end is noticed where a loop turns.
    for (;;);
  };
}
