/** Waits that end. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';

/** Runs `action` after `time` milliseconds, which keep the process alive, unless it is cancelled. */
export function keepUntil(time: number, action: () => void): Pick<Later, 'cancel'> {
  const later = after(time, () => {
    later.letGo();
    action();
  });
  later.hold();
  return {
    cancel() {
      later.cancel();
      later.letGo();
    },
  };
}

/** Gives the result of `work`, or the error of `late` if that takes longer than `time` milliseconds. */
export async function within<T>(time: number, work: PromiseLike<T>, late: () => Error): Promise<T> {
  let timer: Pick<Later, 'cancel'> | undefined;
  const expired = new Promise<never>((_, reject) => (timer = keepUntil(time, () => reject(late()))));
  try {
    return await Promise.race([work, expired]);
  } finally {
    timer?.cancel();
  }
}
