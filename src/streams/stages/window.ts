/** A stage that has several items handed in at once. @module */

import { Fifo } from '../../base/fifo.ts';
import { setImmediate } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import type { Calling } from '../run/calls.ts';
import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { treat } from '../run/policy.ts';
import { OpenPull } from '../run/open-pull.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';

/** The operator, which says how the result of a call is used. */
export type WindowKind = 'map' | 'filter' | 'tap' | 'pair';

/** How a {@link Window} calls. */
export interface WindowPlan {
  readonly kind: WindowKind;
  readonly call: Calling;

  /** How many items may be handed in whose results were not taken. */
  readonly concurrency: number;

  /** Down to how many of them before more are handed in, where a result is there: calls of one moment share a message. */
  readonly refillAt: number;
  readonly ordered: boolean;

  /** The calls that come after one that has failed are not wanted any more. */
  abort(): void;
}

/** After so many items the event loop turns once: a source that never waits must not hold it up. */
const mostAtOnce = 1024;

/** An item that was handed in. */
interface Slot {
  value: unknown;
  readonly delivery: Delivery | undefined;
  state: 'out' | 'given' | 'dropped' | 'failed';
}

/**
 * Hands in up to `concurrency` items, and gives their results: in the order of the items, or as they come. An error comes
 * after the results before it; nothing is handed in after it, and the calls after it are aborted as soon as those before it
 * have settled.
 *
 * Invariant: `#size` items were handed in and not taken; those of them that can be given next are first in `#slots`, which
 * has all of them in order, or, as they come, those whose calls have settled.
 */
export class Window extends OpenPull implements Asker {
  readonly #plan: WindowPlan;
  readonly #run: Run;
  readonly #source: Drive;
  readonly #slots = new Fifo<Slot>();
  #size = 0;
  #index = 0;

  /** The error that the source has ended with. */
  #failure: { readonly error: unknown } | undefined;
  #hasFailed = false;

  /** Whether the calls that are out were aborted. */
  #isAborted = false;
  #isFilling = false;

  /** How many items were asked for since the last pause for a turn of the event loop. */
  #asked = 0;

  constructor(source: Pull, run: Run, plan: WindowPlan) {
    super();
    this.#source = new Drive(source, this);
    this.#run = run;
    this.#plan = plan;
  }

  next(): unknown {
    if (this.#size <= this.#plan.refillAt) this.#fill();
    return this.look();
  }

  item(value: unknown): void {
    const { delivery } = this.#source.pull;
    const slot: Slot = { value, delivery, state: 'out' };
    this.#size += 1;
    if (this.#plan.ordered) this.#slots.push(slot);
    this.#call(slot);
    // An item that has come by itself: there may be room for more.
    if (!this.#isFilling) this.#fill();
  }

  over(): void {
    this.wake();
  }

  failed(error: unknown): void {
    this.#failure = { error };
    this.wake();
  }

  #fill(): void {
    if (this.#isFilling || this.#asked >= mostAtOnce) return;
    this.#isFilling = true;
    const { concurrency } = this.#plan;
    while (this.#size < concurrency && this.#isOpen && !this.#source.isAsking) {
      this.#source.ask();
      if ((this.#asked += 1) < mostAtOnce) continue;
      setImmediate(this.#goOn);
      break;
    }
    this.#isFilling = false;
  }

  readonly #goOn = (): void => {
    this.#asked = 0;
    this.#fill();
    this.wake();
  };

  get #isOpen(): boolean {
    return !this.#source.isOver && !this.#hasFailed && !this.#run.scope.isClosed;
  }

  #call(slot: Slot): void {
    let result: unknown;
    let waits: boolean;
    try {
      result = this.#plan.call(slot.value, this.#index++);
      waits = isThenable(result);
    } catch (error) {
      return this.#broken(slot, error);
    }
    if (!waits) return this.#answered(slot, result);
    Promise.resolve(result).then(
      (settled) => this.#answered(slot, settled),
      (error) => this.#broken(slot, error),
    );
  }

  #answered(slot: Slot, result: unknown): void {
    const { kind } = this.#plan;
    if (kind === 'map') slot.value = result;
    else if (kind === 'pair') slot.value = { key: result, value: slot.value };
    slot.state = kind === 'filter' && !result ? 'dropped' : 'given';
    if (slot.state === 'dropped') slot.delivery?.release();
    this.#settled(slot);
  }

  #broken(slot: Slot, error: unknown): void {
    // Calls that were aborted are not to be treated as ones that have failed.
    if (this.#isAborted || this.#run.scope.isClosed) return this.#fails(slot, error);
    let treated: unknown;
    try {
      treated = treat(this.#run, error, slot.value, slot.delivery);
    } catch {
      return this.#fails(slot, error);
    }
    const drop = (): void => {
      slot.state = 'dropped';
      this.#settled(slot);
    };
    if (!isThenable(treated)) return drop();
    Promise.resolve(treated).then(drop, (failure) => this.#fails(slot, failure));
  }

  #fails(slot: Slot, error: unknown): void {
    slot.state = 'failed';
    slot.value = error;
    this.#hasFailed = true;
    this.#settled(slot);
  }

  #settled(slot: Slot): void {
    if (!this.#plan.ordered) this.#slots.push(slot);
    if (this.#hasFailed) {
      const next = this.#slots.snapshot().find(({ state }) => state === 'out' || state === 'failed');
      if (next?.state === 'failed') this.#abort();
    }
    if (this.#slots.first?.state !== 'out') this.wake();
  }

  /** Aborts the calls that are still out: their items come after one that has failed. */
  #abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#plan.abort();
  }

  /** Gives what is there. */
  protected look(): unknown {
    for (;;) {
      let slot = this.#slots.first;
      if (!slot || slot.state === 'out') {
        this.#fill();
        slot = this.#slots.first;
      }
      if (!slot || slot.state === 'out') return this.#size === 0 && this.#source.isOver ? this.#end() : this.wait();
      if (slot.state === 'failed') throw slot.value;
      this.#slots.shift();
      this.#size -= 1;
      if (slot.state === 'given') {
        this.delivery = slot.delivery;
        return slot.value;
      }
    }
  }

  #end(): typeof over {
    if (this.#failure) throw this.#failure.error;
    return over;
  }
}
