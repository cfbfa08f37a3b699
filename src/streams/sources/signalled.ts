/** A stream with a signal of its own, as part of another one. @module */

import type { Keeper } from '../../base/clock.ts';
import { reasonOf } from '../../base/signal.ts';
import { clockOf } from '../../codec/live/clocked.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { Driven } from '../run/driven.ts';
import type { Pull, waits } from '../run/pull.ts';
import type { Run } from '../run/run.ts';

/** Gives what its source gives, until the signal is aborted: then its reason, once. */
export class Signalled extends Driven {
  /** Keeps the process alive for a signal with a timer while an item is waited for. */
  readonly #clock: Keeper | undefined;

  constructor(source: Pull, run: Run, signal: AbortSignal) {
    super([source]);
    const abort = (): void => this.failed(reasonOf(signal));
    if (signal.aborted) {
      abort();
      return;
    }
    this.#clock = clockOf(signal);
    const forget = onAbort(signal, abort);
    run.scope.add(() => {
      this.#clock?.letGo();
      forget();
    });
  }

  protected override wait(): typeof waits {
    this.#clock?.hold();
    return super.wait();
  }

  protected override wake(): void {
    this.#clock?.letGo();
    super.wake();
  }

  protected ask(): void {
    this.sources[0]?.ask();
  }
}
