/** Timers and clocks as they were when the library was loaded, so that a test's fake timers do not freeze it. @module */

export const setTimeout: typeof globalThis.setTimeout = globalThis.setTimeout;
export const clearTimeout: typeof globalThis.clearTimeout = globalThis.clearTimeout;
export const setImmediate: typeof globalThis.setImmediate = globalThis.setImmediate;

const { performance } = globalThis;
const readClock = performance.now;

/** Milliseconds on a clock that never goes back. */
export const now = (): number => readClock.call(performance);

type Timer = ReturnType<typeof setTimeout>;

/** The longest delay a timer of Node.js takes, in milliseconds; longer ones would fire at once. */
const longest = 2 ** 31 - 1;

/** Something that is to happen later. */
export interface Later {
  cancel(): void;
}

/** Options of {@link after}. */
export interface AfterOptions {
  /** Whether the process stays alive for it. @defaultValue `false` */
  readonly hold?: boolean;
}

/** Runs `action` after `delay` milliseconds; `Infinity` never does. */
export function after(delay: number, action: () => void, { hold = false }: AfterOptions = {}): Later {
  let timer: Timer | undefined;
  const arm = (left: number): void => {
    if (left === Infinity) return;
    const step = Math.min(left, longest);
    timer = setTimeout(() => (left > step ? arm(left - step) : action()), step);
    if (!hold) timer.unref();
  };
  arm(delay);
  return { cancel: () => clearTimeout(timer) };
}
