/** A queue that runs a bounded number of tasks at once: p-queue, made to work even if microtasks are faked. @module */

import type PQueue from 'p-queue';
import { queueMicrotask } from './intrinsics.ts';

/** Options that p-queue would otherwise read from a polluted `Object.prototype`. */
const noOptions = { timeout: undefined, strict: false, signal: undefined, id: undefined } as object;

/**
 * Runs tasks by priority, then in order of arrival.
 *
 * Invariant: the number of running tasks is `#queue.pending` less `#unnoticed`.
 */
export class Line {
  readonly #queue: PQueue;
  #most: number;

  /**
   * How many tasks have ended whose place p-queue has not freed yet: it does so in a microtask, which fake timers hold
   * back.
   */
  #unnoticed = 0;

  constructor(type: typeof PQueue, most: number) {
    this.#most = most;
    const queue = (this.#queue = new type({ ...noOptions, concurrency: most }));
    const ended = (): void => {
      this.#unnoticed += 1;
      // Unless microtasks are faked, p-queue has freed the place two microtasks later.
      queueMicrotask(() => queueMicrotask(() => this.#apply()));
    };
    queue.on('completed', ended);
    queue.on('error', ended);
    queue.on('next', () => {
      this.#unnoticed -= 1;
      this.#apply();
    });
  }

  /** Loads p-queue on first use, since worker threads and most programs do not need it. */
  static async ofAtMost(most: number): Promise<Line> {
    const { default: type } = await import('p-queue');
    return new Line(type, most);
  }

  get running(): number {
    return this.#queue.pending - this.#unnoticed;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Sets how many tasks may run at once from now on. */
  set most(most: number) {
    this.#most = most;
    this.#apply();
  }

  /** Runs `task` when its turn comes, and settles as it does. */
  add<T>(task: () => Promise<T>, priority = 0): Promise<T> {
    return this.#queue.add(task, { ...noOptions, priority });
  }

  /** Resolves once no task waits or runs. */
  async whenIdle(): Promise<void> {
    await this.#queue.onIdle();
  }

  #apply(): void {
    const concurrency = this.#most + this.#unnoticed;
    if (concurrency !== this.#queue.concurrency) this.#queue.concurrency = concurrency;
  }
}
