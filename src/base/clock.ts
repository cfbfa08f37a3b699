/** Timers and a clock that nobody can fake: neither before the library was loaded nor since. @module */

import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';
import { ownHolder, ownImmediate, ownTimeout } from './own-timers.ts';

/** Those who fake a clock put their own reading of it into the object, not into its prototype. */
const { now: readClock } = Object.getPrototypeOf(performance) as typeof performance;

/** Milliseconds on a clock that never goes back. */
export const now = (): number => readClock.call(performance);

/**
 * How often a loop looks that ends after microseconds: a second bound, several times what it reaches, for a clock that
 * stands still.
 */
export const mostLooks: number = 2 ** 14;

// As they are now: what is put in their place later is of no account.
const { setTimeout, clearTimeout, setInterval, setImmediate: nodeImmediate, clearImmediate } = timers;

const nothing = (): void => undefined;

/** The longest delay a timer of Node.js takes, in milliseconds; longer ones would fire at once. */
const longest = 2 ** 31 - 1;

let areKnown: boolean | undefined;

/** Whether Node's timers are Node's, and not those of a test that had replaced them before the library was loaded. */
function areTrue(): boolean {
  return (areKnown ??= haveResources());
}

/** The timers that are Node's are among the resources of the process, and no others. */
function haveResources(): boolean {
  const count = (): number => {
    const names = process.getActiveResourcesInfo();
    return names.filter((name) => name === 'Timeout' || name === 'Immediate').length;
  };
  const before = count();
  const timeout = setTimeout(nothing, longest);
  const immediate = nodeImmediate(nothing);
  const areFound = count() - before === 2;
  clearTimeout(timeout);
  clearImmediate(immediate);
  return areFound;
}

/** Runs `action` once the loop has turned. */
export let setImmediate: (action: () => void) => void = (action) => {
  setImmediate = areTrue() ? nodeImmediate : ownImmediate(true);
  setImmediate(action);
};

/** As {@link setImmediate}, but does not keep the process alive. */
export let setIdleImmediate: (action: () => void) => void = (action) => {
  setIdleImmediate = areTrue() ? (run) => void nodeImmediate(run).unref() : ownImmediate(false);
  setIdleImmediate(action);
};

/** Something that is to happen later. It does not keep the process alive, but between `hold` and `letGo`. */
export interface Later {
  cancel(): void;
  hold(): void;
  letGo(): void;
}

/** Runs `action` after `delay` milliseconds; `Infinity` never does. */
export function after(delay: number, action: () => void): Later {
  return areTrue() ? afterByTimer(delay, action) : afterByWait(delay, action);
}

function afterByTimer(delay: number, action: () => void): Later {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isHeld = false;
  const arm = (left: number): void => {
    if (left === Infinity) return;
    const step = Math.min(left, longest);
    timer = setTimeout(() => (left > step ? arm(left - step) : action()), step);
    if (!isHeld) timer.unref();
  };
  arm(delay);
  return {
    cancel: () => clearTimeout(timer),
    hold() {
      isHeld = true;
      timer?.ref();
    },
    letGo() {
      isHeld = false;
      timer?.unref();
    },
  };
}

function afterByWait(delay: number, action: () => void): Later {
  const keeper = new Keeper();
  const end = ownTimeout(() => {
    keeper.letGo();
    action();
  }, delay);
  return {
    cancel() {
      keeper.letGo();
      end();
    },
    hold: () => keeper.hold(),
    letGo: () => keeper.letGo(),
  };
}

/** What keeps the process alive, in the context in which the library was loaded, and how many want that. */
const loading = new AsyncResource('offloop', { requireManualDestroy: true });
let holder: { ref(): unknown; unref(): unknown } | undefined;
let holds = 0;

/** Keeps the process alive between `hold` and `letGo`, without anything to wait for. */
export class Keeper {
  #isHeld = false;

  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    holds += 1;
    if (holds > 1) return;
    holder ??= loading.runInAsyncScope(() => (areTrue() ? setInterval(nothing, longest) : ownHolder()));
    holder.ref();
  }

  letGo(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    holds -= 1;
    if (holds === 0) holder?.unref();
  }
}
