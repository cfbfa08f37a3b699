/** A clock and timers that fake timers cannot replace, neither before the library was loaded nor later. @module */

import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';
import { ownHolder, ownImmediate, ownTimeout } from './own-timers.ts';
import { isOtherRuntime } from './runtime.ts';

/**
 * Fake timers replace `now` on the `performance` object, not on its prototype, so the prototype's is the real one. Bun has
 * none there.
 */
const { now: readClock = performance.now } = Object.getPrototypeOf(performance) as Partial<typeof performance>;

/** Milliseconds on a clock that never goes back. */
export const now: () => number = readClock.bind(performance);

const { timeOrigin } = performance;

/** Milliseconds since the epoch, as the clock that never goes back has them. */
export const wallTime = (): number => Math.floor(timeOrigin + now());

/**
 * The most turns of a spin loop that is bounded by microseconds. The loop needs this second bound, several times what
 * it reaches in that time, in case the clock stands still.
 */
export const mostLooks: number = 2 ** 14;

// The functions are read at load: a later replacement by fake timers has no effect here.
const { setTimeout, clearTimeout, setInterval, setImmediate: nodeImmediate, clearImmediate } = timers;

const nothing = (): void => undefined;

/** The longest delay of a Node.js timer, in milliseconds; a timer with a longer delay would fire at once. */
const longest = 2 ** 31 - 1;

let areKnown: boolean | undefined;

/** Whether the timers are those of Node.js, not fakes that a test installed before the library was loaded. */
function areTrue(): boolean {
  return (areKnown ??= haveResources());
}

/**
 * Node.js lists its own timers among the active resources of the process; fake timers are not listed. Bun and Deno list
 * nothing; there the handles of timers are instances of classes, while fake handles are plain objects or numbers.
 */
function haveResources(): boolean {
  const count = (): number => {
    const names = process.getActiveResourcesInfo();
    return names.filter((name) => name === 'Timeout' || name === 'Immediate').length;
  };
  const before = count();
  const timeout = setTimeout(nothing, longest);
  const immediate = nodeImmediate(nothing);
  const areFound = isOtherRuntime
    ? isInstanceOf('Timeout', timeout) && isInstanceOf('Immediate', immediate)
    : count() - before === 2;
  clearTimeout(timeout);
  clearImmediate(immediate);
  return areFound;
}

const isInstanceOf = (name: string, handle: object): boolean =>
  (Object.getPrototypeOf(Object(handle)) as object).constructor.name === name;

/** Runs `action` in the next turn of the event loop. */
export let setImmediate: (action: () => void) => void = (action) => {
  setImmediate = areTrue() ? nodeImmediate : ownImmediate(true);
  setImmediate(action);
};

/** As {@link setImmediate}, but does not keep the process alive. */
export let setIdleImmediate: (action: () => void) => void = (action) => {
  setIdleImmediate = areTrue() ? (run) => void nodeImmediate(run).unref() : ownImmediate(false);
  setIdleImmediate(action);
};

/** An action that is due later. It keeps the process alive only between `hold` and `letGo`. */
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

/**
 * `holder` is one handle, shared by all keepers, that keeps the process alive while `holds` is above 0. It is made in
 * the context in which the library was loaded, so that it retains no caller's context.
 */
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
