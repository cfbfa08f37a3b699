/** A stream with a signal of its own, as part of another one. @module */

import { holdForClock } from '../../codec/clocked.ts';
import { onAbort } from '../../codec/on-abort.ts';
import { reasonOf } from '../../base/signal.ts';
import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { OpenPull } from '../run/open-pull.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';

/** Gives what its source gives, until the signal is aborted: then its reason, once. */
export class Signalled extends OpenPull implements Asker {
  readonly #source: Drive;
  #arrival: { readonly value: unknown; readonly delivery: Delivery | undefined } | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Pull, run: Run, signal: AbortSignal) {
    super();
    this.#source = new Drive(source, this);
    const abort = (): void => this.failed(reasonOf(signal));
    if (signal.aborted) {
      abort();
      return;
    }
    const letGo = holdForClock(signal);
    const forget = onAbort(signal, abort);
    run.scope.add(() => {
      letGo();
      forget();
    });
  }

  next(): unknown {
    if (!this.#failure) this.#source.ask();
    return this.look();
  }

  item(value: unknown, { pull }: Drive): void {
    this.#arrival = { value, delivery: pull.delivery };
    this.wake();
  }

  over(): void {
    this.wake();
  }

  failed(error: unknown): void {
    this.#failure ??= { error };
    this.wake();
  }

  protected look(): unknown {
    if (this.#failure) throw this.#failure.error;
    const arrival = this.#arrival;
    this.#arrival = undefined;
    if (!arrival) return this.#source.isOver ? over : this.wait();
    this.delivery = arrival.delivery;
    return arrival.value;
  }
}
