/** Observers of calls: the statistics of a pool, and tracing. @module */

import type { Ending } from './ending.ts';

/** Told of the progress of a call; times are in milliseconds, `undefined` if the call never ran. */
export interface CallObserver {
  /** Called when the call was sent to a thread; again if it was taken back and sent to another one. */
  sent?(threadId: number | undefined): void;
  settled(ending: Ending, waited: number | undefined, ran: number | undefined): void;
}

/** Combines two observers. */
export function both(first: CallObserver, second: CallObserver): CallObserver {
  return {
    sent(threadId) {
      first.sent?.(threadId);
      second.sent?.(threadId);
    },
    settled(ending, waited, ran) {
      first.settled(ending, waited, ran);
      second.settled(ending, waited, ran);
    },
  };
}

/** Tells `observer` that the call ended by `ending`, however it ends. */
export function endedBy(ending: Ending, observer: CallObserver): CallObserver {
  return {
    sent: (threadId) => observer.sent?.(threadId),
    settled: (_, waited, ran) => observer.settled(ending, waited, ran),
  };
}
