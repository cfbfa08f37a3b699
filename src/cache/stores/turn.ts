/** Gathers the writes of one turn. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { Change } from './driver.ts';

/** How a {@link Turn} ends. */
export interface TurnPlan {
  /** Calls `action` when the turn is over. */
  later(action: () => void): void;

  /** Writes all changes at once or none; resolves once they are on the disk. */
  commit(changes: readonly Change[]): Promise<unknown>;
}

/**
 * The writes of one turn after the other: those of one turn are written together, and share a promise.
 *
 * Invariant: while there is a promise, the changes wait for the end of the turn, which writes them.
 */
export class Turn {
  readonly #plan: TurnPlan;
  #changes: (readonly Change[])[] = [];
  #written: Promise<unknown> | undefined;

  constructor(plan: TurnPlan) {
    this.#plan = plan;
  }

  add(changes: readonly Change[]): Promise<unknown> {
    this.#changes.push(changes);
    return (this.#written ??= this.#end());
  }

  /** Resolves once nothing waits for the end of the turn. */
  async over(): Promise<void> {
    await this.#written?.catch(() => undefined);
  }

  async #end(): Promise<unknown> {
    await new Promise<void>((resolve) => this.#plan.later(resolve));
    const changes = this.#changes.flat();
    this.#changes = [];
    this.#written = undefined;
    return this.#plan.commit(changes);
  }
}
