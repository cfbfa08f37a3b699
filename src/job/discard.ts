/** Ends a thread in which a statement was about to do what only the program may do. @module */

import { loadScope } from '../address/trap/scope.ts';

// Read before the traps replace it.
const { reallyExit } = process as unknown as { reallyExit: (code: number) => never };

/**
 * Lets a trap that is hit end this thread, if `giveUp` says that its calls run in another one. The thread runs no more
 * code: no `catch`, and no handler of its end.
 */
export function discardBy(giveUp: () => boolean): void {
  loadScope.thread.discard = (): void => {
    if (!giveUp()) return;
    Reflect.apply(reallyExit, process, [0]);
    // V8 terminates the thread at a back edge of a loop, so loop until then.
    for (;;);
  };
}
