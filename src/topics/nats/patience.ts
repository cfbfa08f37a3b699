/** How long the server is waited for. @module */

import { after } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';

/** How long the server may take to store a message, in milliseconds, before it is sent again. */
export const requestTime = 5000;

/** How long the server may take to answer anything else before it is asked again, in milliseconds. */
export const askTime = 1000;

/** How long a consumer that is closed waits for the server to confirm what was acknowledged, in milliseconds. */
export const closeTime = 2000;

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
