/** The items of an actor for a generator in a thread, and which of them it has done with. @module */

import type { AsyncItems } from '../../base/async-items.ts';
import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import { movedOn } from '../../codec/live/iterables.ts';
import type { StreamEvent } from '../events/event.ts';
import type { Outcome } from '../events/receipt.ts';
import type { Lane } from './lane.ts';

type AnyEvent = StreamEvent<unknown>;

/** An event as a thread gets it, which settles it by its number. */
export interface ThreadItem {
  readonly number: number;
  readonly value: unknown;
  readonly key: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly attempt: number;
}

/**
 * Gives values, or with `isManual` whole items, and acknowledges those that the thread has moved on from.
 *
 * Invariant: `#events` has what was given and not settled, in order, and `#first` is the number of the first of them.
 */
export class Feed implements AsyncItems<unknown, undefined> {
  readonly #items: AsyncIterator<AnyEvent>;
  readonly #isManual: boolean;
  readonly #events = new Map<number, AnyEvent>();
  #count = 0;

  /** How many were done with; and whether a thread says so, which asks for items ahead. */
  #moved = 0;
  #isTold = false;

  /** The error with which a source has refused an outcome. */
  #failure: { readonly error: unknown } | undefined;

  constructor(lane: Lane, isManual: boolean) {
    this.#items = lane.view()[Symbol.asyncIterator]();
    this.#isManual = isManual;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    // Without a thread between, who asks has done with what was given before.
    if (!this.#isTold) this.#moveOn(this.#count);
    if (this.#failure) throw this.#failure.error;
    const step = await this.#items.next();
    if (step.done) return { value: undefined, done: true };
    const event = step.value;
    const number = this.#count++;
    this.#events.set(number, event);
    const { value, key, headers, attempt } = event;
    return { value: this.#isManual ? { number, value, key, headers, attempt } : value, done: false };
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    return { value: undefined, done: true };
  }

  /** The thread settles the item `number`. */
  readonly settle = async (number: number, outcome: Outcome): Promise<void> => {
    const event = this.#events.get(number);
    this.#events.delete(number);
    await (outcome === 'ack' ? event?.ack() : event?.nack());
  };

  /** Gives the item that was in hand when the thread ended, and the others that were not settled, in order. */
  end(): { readonly given: readonly AnyEvent[]; readonly others: readonly AnyEvent[] } {
    const inHand = this.#events.get(this.#moved);
    const others = [...this.#events.values()].filter((event) => event !== inHand);
    this.#events.clear();
    return { given: inHand ? [inHand] : [], others };
  }

  #moveOn(count: number): void {
    for (; this.#moved < count; this.#moved += 1) {
      if (this.#isManual) continue;
      const event = this.#events.get(this.#moved);
      this.#events.delete(this.#moved);
      this.#acknowledge(event);
    }
  }

  /** An error of the source is thrown by the next `next()`. */
  #acknowledge(event: AnyEvent | undefined): void {
    try {
      if (!event) return;
      const noted = event.settle('ack');
      const fail = (error: unknown): void => (event.isVoid ? undefined : this.#fail(error));
      if (isThenable(noted)) Promise.resolve(noted).catch(fail);
    } catch (error) {
      if (!event?.isVoid) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  static {
    Object.defineProperty(this.prototype, movedOn, {
      value(this: Feed, count: number) {
        this.#isTold = true;
        this.#moveOn(count);
      },
    });
  }
}
