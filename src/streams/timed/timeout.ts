/** An error where an item takes too long. @module */

import { OffloopError } from '../../base/errors.ts';
import { Driven } from '../run/driven.ts';
import type { Drive } from '../run/drive.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import { Timer } from './timer.ts';

/**
 * Waits `limit` milliseconds for an item, from when it is asked for.
 *
 * Invariant: the timer runs while an item that was asked for has not come.
 */
export class Timeout extends Driven {
  readonly #timer: Timer;

  constructor(source: Pull, run: Run, limit: number) {
    super([source]);
    this.#timer = new Timer(limit, () => {
      this.failed(new OffloopError('ERR_OFFLOOP_TIMEOUT', `The stream had no item within ${limit} ms`));
    });
    run.scope.add(() => this.#timer.stop());
  }

  protected ask(): void {
    const [source] = this.sources;
    source?.ask();
    if (!this.hasArrived && !source?.isOver) this.#timer.start();
  }

  override item(value: unknown, from: Drive): void {
    this.#timer.stop();
    super.item(value, from);
  }

  override over(): void {
    this.#timer.stop();
    super.over();
  }

  override failed(error: unknown): void {
    this.#timer.stop();
    super.failed(error);
  }
}
