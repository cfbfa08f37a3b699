/** A pause that keeps the process alive. @module */

import { after } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';

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
