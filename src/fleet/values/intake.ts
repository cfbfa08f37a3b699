/** The items of an iterator of the other side. @module */

import { Promise } from '../../base/intrinsics.ts';
import { ReadyItems } from '../../channel/adapters/adapter.ts';
import { NONE } from '../../channel/ring/reader.ts';

/** How the other side is told. */
export interface IntakeLine {
  /** There is room for `count` more; `given` is the value for the generator's `yield`, if it goes step by step. */
  ask(count: number, given: unknown): void;
  raise(error: unknown): void;
  close(): void;
}

/** Options of {@link Intake}. */
export interface IntakeOptions {
  readonly isAsked?: boolean;
}

/** How many items may be on their way or wait at once, of an iterator of which `most` may wait. */
export const windowOf = (most: number): number => Math.min(most, 65_536);

interface Waiting {
  resolve(step: IteratorResult<unknown, unknown>): void;
  reject(error: unknown): void;
}

type Last = { readonly returned: unknown } | { readonly error: unknown };

/**
 * An async iterator over items that come in frames; at most `window` of them are on their way or wait here. With the window 0
 * the other side goes step by step.
 *
 * Invariant: a `next()` waits only while there is neither an item nor an end; each step is given once.
 */
export class Intake extends ReadyItems implements AsyncIterableIterator<unknown, unknown, unknown> {
  readonly #line: IntakeLine;
  readonly #window: number;
  #items: unknown[] = [];
  #from = 0;
  #taken = 0;
  #last: Last | undefined;
  #isBegun = false;
  #isClosing = false;
  readonly #waiting: Waiting[] = [];

  /** `isAsked` says that the other side sends the first items without being asked. */
  constructor(most: number, line: IntakeLine, { isAsked = false }: IntakeOptions = {}) {
    super();
    this.#window = windowOf(most);
    this.#line = line;
    this.#isBegun = isAsked;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(given?: unknown): Promise<IteratorResult<unknown, unknown>> {
    if (this.#window === 0 && !this.#last) this.#line.ask(1, given);
    else if (!this.#isBegun) this.#line.ask(this.#window, undefined);
    this.#isBegun = true;
    return this.#step();
  }

  override takeNow(): unknown {
    if (this.#window === 0 || this.#from >= this.#items.length) return NONE;
    return this.#take();
  }

  throw(error: unknown): Promise<IteratorResult<unknown, unknown>> {
    if (!this.#last) this.#line.raise(error);
    return this.#step();
  }

  /**
   * Closes the iterator of the other side; resolves once that has closed, or rejects with what its close has thrown, or with
   * its loss. What waits for an item is done. An error from before would have come after items that nobody took: it is dropped.
   */
  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    [this.#items, this.#from] = [[], 0];
    if (this.#last) {
      this.#last = { returned: undefined };
      return { done: true, value };
    }
    if (!this.#isClosing) {
      this.#isClosing = true;
      for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
      this.#line.close();
    }
    await this.#step();
    return { done: true, value };
  }

  /** Called when items have come. */
  heard(items: readonly unknown[]): void {
    if (this.#last || this.#isClosing) return;
    for (const item of items) {
      const waiting = this.#waiting.shift();
      if (waiting) {
        this.#took();
        waiting.resolve({ done: false, value: item });
      } else this.#items.push(item);
    }
  }

  /** Called when the other side has ended, or is lost. */
  ended(last: Last): void {
    if (this.#last) return;
    this.#last = last;
    // Those that wait have no item before them.
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting);
  }

  async #step(): Promise<IteratorResult<unknown, unknown>> {
    if (this.#from < this.#items.length) return { done: false, value: this.#take() };
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject };
      if (this.#last) this.#finish(waiting);
      else this.#waiting.push(waiting);
    });
  }

  /** Takes the first item that waits. */
  #take(): unknown {
    const value = this.#items[this.#from];
    this.#from += 1;
    if (this.#from === this.#items.length) [this.#items, this.#from] = [[], 0];
    this.#took();
    return value;
  }

  #took(): void {
    this.#taken += 1;
    if (this.#window === 0 || this.#last || this.#taken * 2 < this.#window) return;
    this.#line.ask(this.#taken, undefined);
    this.#taken = 0;
  }

  #finish({ resolve, reject }: Waiting): void {
    const last = this.#last;
    if (last && 'error' in last) {
      // The error is told once.
      this.#last = { returned: undefined };
      reject(last.error);
    } else {
      this.#last = { returned: undefined };
      resolve({ done: true, value: last?.returned });
    }
  }
}
