/** Sends the items of an iterator as far as the other side has asked for them. @module */

import { setImmediate } from '../../base/clock.ts';
import type { HeldIterable } from '../../channel/adapters/held.ts';
import { ReadyItems } from '../../channel/adapters/adapter.ts';
import { NONE } from '../../channel/ring/reader.ts';
import type { Items } from '../../channel/adapters/adapter.ts';

/** Where the items go. */
export interface PumpLine {
  /** Gives how many bytes they were. @throws What cannot be sent: then the iterator ends, and its end says why. */
  items(items: readonly unknown[]): number;
  end(isReturned: boolean, value: unknown): void;
}

/** How many items go in one frame: at the beginning, and at the most. Large ones go in frames of about so many bytes. */
const firstItems = 64;
const mostItems = 1024;
const frameSize = 2 ** 16;

/**
 * Takes items while the other side has room for them; those of one turn of the event loop go together.
 *
 * Invariant: after `end` was sent nothing is; the source is closed before that.
 */
export class Pump {
  readonly #held: HeldIterable;
  readonly #line: PumpLine;
  #items: Items | undefined;
  #credit = 0;
  #given: unknown;
  #isRunning = false;
  #isOver = false;
  #batch: unknown[] = [];
  #most = firstItems;

  constructor(held: HeldIterable, line: PumpLine) {
    this.#held = held;
    this.#line = line;
  }

  /** There is room for `count` more items. `given` is the value for the generator's `yield`, if it goes step by step. */
  ask(count: number, given?: unknown): void {
    this.#credit += count;
    this.#given = given;
    if (this.#isRunning || this.#isOver) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** Throws `error` at the generator's `yield`. */
  async raise(error: unknown): Promise<void> {
    const items = (this.#items ??= this.#held.open());
    await this.#step(async () => {
      if (!items.throw) throw error;
      return items.throw(error);
    });
  }

  /** Nobody wants items any more: closes the source, even while an item is awaited, and says how that ended. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#batch = [];
    try {
      await this.#held.close();
      this.#line.end(true, undefined);
    } catch (error) {
      this.#line.end(false, error);
    }
  }

  async #run(): Promise<void> {
    const items = (this.#items ??= this.#held.open());
    while (this.#credit > 0 && !this.#isOver) {
      this.#credit -= 1;
      const given = this.#given;
      this.#given = undefined;
      if (given === undefined && this.#takeNow(items)) continue;
      // oxlint-disable-next-line no-await-in-loop
      await this.#step(() => items.next(given));
    }
    this.#isRunning = false;
  }

  /** Takes an item that is there; gives `false` if there is none. */
  #takeNow(items: Items): boolean {
    if (!(items instanceof ReadyItems)) return false;
    try {
      const item = items.takeNow();
      if (item === NONE) return false;
      this.#add(item);
    } catch (error) {
      this.#finish(false, error);
    }
    return true;
  }

  async #step(take: () => Promise<IteratorResult<unknown, unknown>>): Promise<void> {
    try {
      const { done, value } = await take();
      if (this.#isOver) return;
      if (done === true) this.#finish(true, value);
      else this.#add(value);
    } catch (error) {
      if (!this.#isOver) this.#finish(false, error);
    }
  }

  #add(item: unknown): void {
    this.#batch.push(item);
    if (this.#batch.length >= this.#most) this.#flush();
    else if (this.#batch.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const items = this.#batch;
    if (items.length === 0) return;
    this.#batch = [];
    try {
      this.#fit(items.length, this.#line.items(items));
    } catch (error) {
      if (this.#isOver) return;
      this.#isOver = true;
      void this.#held.close().catch(() => undefined);
      this.#line.end(false, error);
    }
  }

  /** Chooses how many items go in the next frame, after `count` of them were `size` bytes. */
  #fit(count: number, size: number): void {
    const fitting = Math.floor((count * frameSize) / Math.max(1, size));
    this.#most = Math.max(1, Math.min(fitting, 2 * this.#most, mostItems));
  }

  #finish(isReturned: boolean, value: unknown): void {
    this.#flush();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#line.end(isReturned, value);
  }
}
