/** Timers and clocks as they were when the library was loaded, so that a test's fake timers do not freeze it. @module */

export const setTimeout: typeof globalThis.setTimeout = globalThis.setTimeout;
export const clearTimeout: typeof globalThis.clearTimeout = globalThis.clearTimeout;
export const setImmediate: typeof globalThis.setImmediate = globalThis.setImmediate;
const { setInterval } = globalThis;

const { performance } = globalThis;
const readClock = performance.now;

/** Milliseconds on a clock that never goes back. */
export const now = (): number => readClock.call(performance);

type Timer = ReturnType<typeof setTimeout>;

/** The longest delay a timer of Node.js takes, in milliseconds; longer ones would fire at once. */
const longest = 2 ** 31 - 1;

/** Something that is to happen later. It does not keep the process alive, but between `hold` and `letGo`. */
export interface Later {
  cancel(): void;
  hold(): void;
  letGo(): void;
}

/** Runs `action` after `delay` milliseconds; `Infinity` never does. */
export function after(delay: number, action: () => void): Later {
  let timer: Timer | undefined;
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

/** What keeps the process alive for all keepers: one of each that is not needed any more would stay for weeks. */
const alive = setInterval(() => undefined, longest).unref();
let holders = 0;

/** Keeps the process alive between `hold` and `letGo`, without anything to wait for. */
export class Keeper {
  #isHolding = false;

  hold(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    holders += 1;
    if (holders === 1) alive.ref();
  }

  letGo(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    holders -= 1;
    if (holders === 0) alive.unref();
  }
}
