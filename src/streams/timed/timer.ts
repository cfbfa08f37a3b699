/** Time as the program has it: the timers that are there when they are asked, so that a test may fake them. @module */

/** The longest delay a timer of Node.js takes, in milliseconds; longer ones would fire at once. */
const longest = 2 ** 31 - 1;

/** Runs an action some time after each start, unless it is stopped before. A started timer keeps the process alive. */
export class Timer {
  readonly #delay: number;
  readonly #action: () => void;
  #stop: (() => void) | undefined;
  #due = Infinity;

  constructor(delay: number, action: () => void) {
    this.#delay = delay;
    this.#action = action;
  }

  /** Whether it runs. */
  get isRunning(): boolean {
    return this.#stop !== undefined;
  }

  /** Whether it runs and its time is over: a loop that does not turn lets no timer act. */
  get isLate(): boolean {
    return this.isRunning && programNow() >= this.#due;
  }

  /** Begins anew. */
  start(): void {
    this.stop();
    this.#due = programNow() + this.#delay;
    this.#arm(this.#delay);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #arm(left: number): void {
    if (left === Infinity) return;
    const step = Math.min(left, longest);
    const { setTimeout, clearTimeout } = globalThis;
    const timer = setTimeout(() => {
      this.#stop = undefined;
      if (left > step) this.#arm(left - step);
      else this.#action();
    }, step);
    this.#stop = () => clearTimeout(timer);
  }
}

/** Milliseconds on the program's own clock, which a test may fake. */
export function programNow(): number {
  return globalThis.performance.now();
}
