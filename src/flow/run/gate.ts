/** The first stage of a handler's items: holds them up, and ends them before their source does. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { Delivery } from '../../streams/run/delivery.ts';
import { over, waits } from '../../streams/run/pull.ts';
import type { Pull } from '../../streams/run/pull.ts';
import type { Passage } from './passage.ts';

/**
 * Gives what its source gives, as the passage allows.
 *
 * Invariant: it waits for the source or for the passage, not for both.
 */
export class Gate implements Pull {
  awaited: Promise<unknown> | undefined;
  readonly #source: Pull;
  readonly #passage: Passage;

  /** Told that the passage was shut while the source is waited for. */
  readonly #interrupt: () => void;

  /** Ends the wait for the passage. */
  #wake: (() => void) | undefined;

  /** Whether the source is waited for. */
  #isAsked = false;

  /** An item that has come during a pause. */
  #held: { readonly value: unknown } | undefined;

  constructor(source: Pull, passage: Passage, interrupt: () => void) {
    this.#source = source;
    this.#passage = passage;
    this.#interrupt = interrupt;
    passage.onChange(() => this.#changed());
  }

  get delivery(): Delivery | undefined {
    return this.#source.delivery;
  }

  next(): unknown {
    if (this.#passage.isShut) return over;
    if (this.#passage.isPaused) return this.#wait();
    return this.#look(this.#source.next());
  }

  take(settled: unknown): unknown {
    if (this.#isAsked) {
      this.#isAsked = false;
      return this.#look(this.#source.take(settled));
    }
    const held = this.#held;
    if (!held) return this.next();
    if (this.#passage.isShut) return over;
    if (this.#passage.isPaused) return this.#wait();
    this.#held = undefined;
    return held.value;
  }

  fail(error: unknown): unknown {
    this.#isAsked = false;
    return this.#look(this.#source.fail(error));
  }

  #look(value: unknown): unknown {
    if (value === waits) {
      this.#isAsked = true;
      this.awaited = this.#source.awaited;
      return waits;
    }
    if (value === over || !this.#passage.isPaused) return value;
    this.#held = { value };
    return this.#wait();
  }

  #wait(): typeof waits {
    this.awaited = new Promise<void>((resolve) => (this.#wake = resolve));
    return waits;
  }

  #changed(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake) wake();
    else if (this.#isAsked && this.#passage.isShut) this.#interrupt();
  }
}
