/** Batches that wait for a bounded time. @module */

import { jointly } from '../run/delivery.ts';
import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { OpenPull } from '../run/open-pull.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import { Timer } from './timer.ts';

/** After how many items the clock is read: a source that always has one keeps the event loop, and with it the timer, from turning. */
const itemsPerLook = 64;

/** When a batch is given. */
export interface TimedBatchPlan {
  readonly size: number;

  /** Milliseconds after its first item. */
  readonly within: number;
}

/**
 * Gathers items while its consumer waits for a batch. An item that was asked for comes later, if at all, into the next one.
 *
 * Invariant: the timer runs while items wait; no batch is empty.
 */
export class TimedBatch extends OpenPull implements Asker {
  readonly #source: Drive;
  readonly #size: number;
  readonly #timer: Timer;
  #values: unknown[] = [];
  #owed: (Delivery | undefined)[] = [];
  #isDue = false;

  /** Whether the consumer waits for a batch. */
  #isWanted = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Pull, run: Run, { size, within }: TimedBatchPlan) {
    super();
    this.#source = new Drive(source, this);
    this.#size = size;
    this.#timer = new Timer(within, () => {
      this.#isDue = true;
      this.wake();
    });
    run.scope.add(() => this.#timer.stop());
  }

  next(): unknown {
    this.#isWanted = true;
    if (!this.#isReady) this.#source.ask();
    return this.look();
  }

  item(value: unknown, { pull }: Drive): void {
    this.#values.push(value);
    this.#owed.push(pull.delivery);
    if (this.#values.length === 1) this.#timer.start();
    else if (this.#values.length % itemsPerLook === 0 && this.#timer.isLate) this.#isDue = true;
    if (this.#isReady) this.wake();
    else if (this.#isWanted) this.#source.ask();
  }

  over(): void {
    this.wake();
  }

  failed(error: unknown): void {
    this.#failure = { error };
    this.wake();
  }

  /** Whether the items that wait are to be given now. */
  get #isReady(): boolean {
    return this.#values.length >= this.#size || (this.#values.length > 0 && (this.#isDue || this.#source.isOver));
  }

  protected look(): unknown {
    if (this.#isReady) return this.#give();
    if (!this.#source.isOver) return this.wait();
    if (this.#failure) throw this.#failure.error;
    return over;
  }

  #give(): unknown[] {
    this.#timer.stop();
    this.#isDue = false;
    this.#isWanted = false;
    const values = this.#values;
    this.delivery = jointly(this.#owed);
    this.#values = [];
    this.#owed = [];
    return values;
  }
}
