/** Who is told how a call goes: the counts of a pool, and what traces calls. @module */

/** Told how a call went; times in milliseconds, `undefined` where it never ran. */
export interface CallObserver {
  /** A thread was sent the call; not the first one, if it was taken back before. */
  sent?(threadId: number | undefined): void;
  settled(isReturned: boolean, waited: number | undefined, ran: number | undefined): void;
}

/** Tells two. */
export function both(first: CallObserver, second: CallObserver): CallObserver {
  return {
    sent(threadId) {
      first.sent?.(threadId);
      second.sent?.(threadId);
    },
    settled(isReturned, waited, ran) {
      first.settled(isReturned, waited, ran);
      second.settled(isReturned, waited, ran);
    },
  };
}

/** Tells `observer` of a call that has failed, whatever it still gives. */
export function asFailed(observer: CallObserver): CallObserver {
  return {
    sent: (threadId) => observer.sent?.(threadId),
    settled: (_, waited, ran) => observer.settled(false, waited, ran),
  };
}
