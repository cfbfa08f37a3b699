/** Only what nothing newer has followed for a time. @module */

import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { OpenPull } from '../run/open-pull.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import { Timer } from './timer.ts';

interface Candidate {
  readonly value: unknown;
  readonly delivery: Delivery | undefined;
}

/**
 * Asks on while an item waits: a newer one takes its place. At the end the last one is given at once.
 *
 * Invariant: the timer runs while an item waits that is not due.
 */
export class Debounce extends OpenPull implements Asker {
  readonly #source: Drive;
  readonly #timer: Timer;
  #candidate: Candidate | undefined;
  #isDue = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Pull, run: Run, quiet: number) {
    super();
    this.#source = new Drive(source, this);
    this.#timer = new Timer(quiet, () => {
      this.#isDue = true;
      this.wake();
    });
    run.scope.add(() => this.#timer.stop());
  }

  next(): unknown {
    this.#source.ask();
    return this.look();
  }

  item(value: unknown, { pull }: Drive): void {
    // A candidate that is due was not taken, because no next() was pending: the newer item replaces it as well.
    this.#candidate?.delivery?.release();
    this.#candidate = { value, delivery: pull.delivery };
    this.#isDue = false;
    this.#timer.start();
    this.#source.ask();
  }

  over(): void {
    this.wake();
  }

  failed(error: unknown): void {
    this.#failure = { error };
    this.wake();
  }

  protected look(): unknown {
    const candidate = this.#candidate;
    if (candidate && (this.#isDue || this.#source.isOver)) {
      this.#timer.stop();
      this.#isDue = false;
      this.#candidate = undefined;
      this.delivery = candidate.delivery;
      return candidate.value;
    }
    if (!this.#source.isOver) return this.wait();
    if (this.#failure) throw this.#failure.error;
    return over;
  }
}
