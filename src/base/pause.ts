/** Pauses and limits that keep the process alive. @module */

import { after } from './clock.ts';
import { Promise } from './intrinsics.ts';

/** Resolves after `time` milliseconds, for which the process stays alive. */
export function pause(time: number): Promise<void> {
  return new Promise((resolve) => {
    const later = after(time, () => {
      later.letGo();
      resolve();
    });
    later.hold();
  });
}

/** Says whether `promise` has settled, in either way, within `time` milliseconds. */
export async function within(time: number, promise: PromiseLike<unknown>): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    const later = after(time, () => {
      later.letGo();
      resolve(false);
    });
    later.hold();
    const end = (): void => {
      later.letGo();
      later.cancel();
      resolve(true);
    };
    promise.then(end, end);
  });
}
