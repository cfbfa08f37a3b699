/** An error where an item takes too long. @module */

import { OffloopError } from '../../base/errors.ts';
import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { OpenPull } from '../run/open-pull.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import { Timer } from './timer.ts';

/** What has come. */
type Arrival =
  | { readonly value: unknown; readonly delivery: Delivery | undefined }
  | { readonly error: unknown }
  | { readonly isOver: true };

/** Waits `limit` milliseconds for an item, from when it is asked for. */
export class Timeout extends OpenPull implements Asker {
  readonly #source: Drive;
  readonly #timer: Timer;
  #arrival: Arrival | undefined;

  constructor(source: Pull, run: Run, limit: number) {
    super();
    this.#source = new Drive(source, this);
    this.#timer = new Timer(limit, () => {
      const error = new OffloopError('ERR_OFFLOOP_TIMEOUT', `The stream had no item within ${limit} ms`);
      this.#arrive({ error });
    });
    run.scope.add(() => this.#timer.stop());
  }

  next(): unknown {
    this.#source.ask();
    if (!this.#arrival) this.#timer.start();
    return this.look();
  }

  item(value: unknown, { pull }: Drive): void {
    this.#arrive({ value, delivery: pull.delivery });
  }

  over(): void {
    this.#arrive({ isOver: true });
  }

  failed(error: unknown): void {
    this.#arrive({ error });
  }

  #arrive(arrival: Arrival): void {
    this.#timer.stop();
    this.#arrival ??= arrival;
    this.wake();
  }

  protected look(): unknown {
    const arrival = this.#arrival;
    this.#arrival = undefined;
    if (!arrival) return this.wait();
    if ('isOver' in arrival) return over;
    if ('error' in arrival) throw arrival.error;
    this.delivery = arrival.delivery;
    return arrival.value;
  }
}
