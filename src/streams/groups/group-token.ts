/** An item inside a grouped stream, until all that was made of it has been taken. @module */

import { now } from '../../base/clock.ts';
import type { Delivery } from '../run/delivery.ts';
import type { StreamEvent } from '../events/event.ts';

/** Told when an item has left, and how. */
export interface TokenOwner {
  left(token: Token): void;
}

/**
 * Travels with an item through its partition in place of what the item owes.
 *
 * Invariant: it leaves once: when the last result that was made of it is taken, or dropped.
 */
export class Token implements Delivery {
  readonly key: unknown;
  readonly partition: number;

  /** The delivery of the item, of which the token holds one part. */
  readonly inner: Delivery | undefined;

  /** When its partition began with it. */
  begunAt: number | undefined;
  readonly #owner: TokenOwner;
  #holds = 1;
  #isIn = true;

  constructor(owner: TokenOwner, key: unknown, partition: number, inner: Delivery | undefined) {
    this.#owner = owner;
    this.key = key;
    this.partition = partition;
    this.inner = inner;
  }

  get events(): readonly StreamEvent<unknown>[] {
    return this.inner?.events ?? none;
  }

  begin(): void {
    this.begunAt = now();
  }

  hold(): void {
    this.#holds += 1;
  }

  give(): void {
    this.inner?.give();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    this.inner?.release();
    this.#leave();
  }

  accept(): void {
    this.inner?.accept();
    this.#leave();
  }

  blame(): void {
    this.inner?.blame();
  }

  handBack(): void {
    this.inner?.handBack();
    this.#leave();
  }

  #leave(): void {
    if (!this.#isIn) return;
    this.#isIn = false;
    this.#owner.left(this);
  }
}

const none: readonly StreamEvent<unknown>[] = [];
