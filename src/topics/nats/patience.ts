/** How long the server is waited for. @module */

import { after } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';

/** How long the server may take to store a message, in milliseconds, before it is sent again. */
export const requestTime = 5000;

/** How long the server may take to answer anything else before it is asked again, in milliseconds. */
export const askTime = 1000;

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

/** Resolves when `promise` has settled, in either way, or after `time` milliseconds. */
export async function within(time: number, promise: PromiseLike<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const later = after(time, () => {
      later.letGo();
      resolve();
    });
    later.hold();
    const end = (): void => {
      later.letGo();
      later.cancel();
      resolve();
    };
    promise.then(end, end);
  });
}
