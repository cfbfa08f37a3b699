/** A line of tasks of which a bounded number runs at once: p-queue, whatever has become of the microtasks it asks for. @module */

import type PQueue from 'p-queue';
import { queueMicrotask } from './intrinsics.ts';

/** What p-queue would otherwise take from an `Object.prototype` that somebody has polluted. */
const noOptions = { timeout: undefined, strict: false, signal: undefined, id: undefined } as object;

/**
 * The tasks in their order, first by priority.
 *
 * Invariant: what p-queue counts as running, less `#unnoticed`, is what runs.
 */
export class Line {
  readonly #queue: PQueue;
  #most: number;

  /** How many tasks have ended whose places p-queue has not freed: it does so in a microtask, which fake timers hold back. */
  #unnoticed = 0;

  constructor(type: typeof PQueue, most: number) {
    this.#most = most;
    const queue = (this.#queue = new type({ ...noOptions, concurrency: most }));
    const ended = (): void => {
      this.#unnoticed += 1;
      // By then it has, if it can.
      queueMicrotask(() => queueMicrotask(() => this.#apply()));
    };
    queue.on('completed', ended);
    queue.on('error', ended);
    queue.on('next', () => {
      this.#unnoticed -= 1;
      this.#apply();
    });
  }

  /** Loads p-queue: threads, and programs without such lines, do without it. */
  static async ofAtMost(most: number): Promise<Line> {
    const { default: type } = await import('p-queue');
    return new Line(type, most);
  }

  /** How many tasks run. */
  get running(): number {
    return this.#queue.pending - this.#unnoticed;
  }

  /** How many tasks wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** How many may run at once from now on. */
  set most(most: number) {
    this.#most = most;
    this.#apply();
  }

  /** Runs `task` when its turn comes, and gives what it gives. */
  add<T>(task: () => Promise<T>, priority = 0): Promise<T> {
    return this.#queue.add(task, { ...noOptions, priority });
  }

  /** Resolves once none waits or runs. */
  async whenIdle(): Promise<void> {
    await this.#queue.onIdle();
  }

  #apply(): void {
    const concurrency = this.#most + this.#unnoticed;
    if (concurrency !== this.#queue.concurrency) this.#queue.concurrency = concurrency;
  }
}
