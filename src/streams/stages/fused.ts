/** Stages in a row as one loop: an item goes through all of them before the next one is asked for. @module */

import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';
import type { Delivery } from '../run/delivery.ts';
import { treat } from '../run/policy.ts';
import { over, waits } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import { Feeds } from './feeds.ts';
import { dropped, FusedState } from './fused-state.ts';
import type { FusedStage } from './stage.ts';

/** The loop waits for an item of the innermost feed, for the treatment of an error, or for a feed to close; for no stage. */
const atSource = -1;
const atTreatment = -2;
const atClosing = -3;

/**
 * Stages in a row. Nothing is asked for that is not needed for the next item.
 *
 * Invariant: one item is inside; `#at` is the stage whose promise is awaited, with `#value` and `#owed` of the item.
 */
export class Fused implements Pull {
  awaited: Promise<unknown> | undefined;
  delivery: Delivery | undefined;
  readonly #run: Run;
  readonly #stages: readonly FusedState[];
  readonly #feeds: Feeds;

  /** The last `take` that has given all it gives: the stages before it are not asked any more. */
  #spent: number;

  /** The stage from which on incomplete batches are to be given; `undefined` before the end. */
  #flushing: number | undefined;

  /** The error that is thrown after those batches. */
  #failure: { readonly error: unknown; readonly from: number } | undefined;

  /** The stage whose failure was treated last. */
  #treatedAt = 0;
  #at = atSource;
  #value: unknown;
  #owed: Delivery | undefined;

  constructor(source: Pull, stages: readonly FusedStage[], run: Run) {
    this.#run = run;
    this.#stages = stages.map((stage) => new FusedState(stage, run));
    this.#feeds = new Feeds(source, run);
    this.#spent = this.#stages.findLastIndex(({ kind, left }) => kind === 'take' && left === 0);
  }

  next(): unknown {
    for (;;) {
      const out = this.#flushing !== undefined && this.#feeds.isOutermost ? this.#flush(this.#flushing) : this.#ask();
      if (out !== dropped) return out;
    }
  }

  take(settled: unknown): unknown {
    const at = this.#at;
    if (this.#run.scope.isClosed) {
      // An event that comes too late is handed back by the pull that gives it.
      if (at === atSource) this.#feeds.innermost.pull.take(settled);
      return over;
    }
    let out: unknown;
    if (at === atSource) out = this.#settle(settled, false);
    else if (at === atTreatment || at === atClosing) out = dropped;
    else out = this.#resume(at, settled);
    return out === dropped ? this.next() : out;
  }

  fail(error: unknown): unknown {
    const at = this.#at;
    if (this.#run.scope.isClosed) return over;
    const out = at === atSource ? this.#settle(error, true) : this.#failed(error, at);
    return out === dropped ? this.next() : out;
  }

  /** Asks the innermost feed. */
  #ask(): unknown {
    const { at, pull } = this.#feeds.innermost;
    let raw: unknown;
    try {
      raw = at <= this.#spent ? over : pull.next();
    } catch (error) {
      return this.#broken(error);
    }
    return raw === waits ? this.#waitFor(pull) : this.#arrived(raw);
  }

  /** The promise that the innermost feed waits for has settled. */
  #settle(settled: unknown, isError: boolean): unknown {
    const { pull } = this.#feeds.innermost;
    let raw: unknown;
    try {
      raw = isError ? pull.fail(settled) : pull.take(settled);
    } catch (error) {
      return this.#broken(error);
    }
    return raw === waits ? this.#waitFor(pull) : this.#arrived(raw);
  }

  /** The innermost feed has failed. If a `flatMap` has given it, the item that it was made of has failed. */
  #broken(error: unknown): unknown {
    const feed = this.#feeds.leave();
    if (!feed) return this.#stop(error, 0);
    this.#value = feed.value;
    this.#owed = feed.delivery;
    return this.#failed(error, feed.at - 1);
  }

  #await(promise: PromiseLike<unknown>, at: number): typeof waits {
    // A thenable of another kind may answer at once, or twice.
    this.awaited = Promise.resolve(promise);
    this.#at = at;
    return waits;
  }

  #waitFor({ awaited }: Pull): typeof waits {
    this.awaited = awaited;
    this.#at = atSource;
    return waits;
  }

  /** The innermost feed has given `raw`. */
  #arrived(raw: unknown): unknown {
    if (raw === over) return this.#leave();
    const { at, pull, delivery } = this.#feeds.innermost;
    if (!delivery) return this.#through(raw, at, pull.delivery);
    delivery.hold();
    return this.#through(raw, at, delivery);
  }

  /** The innermost feed is over, or its items are not wanted any more. */
  #leave(): unknown {
    const feed = this.#feeds.leave();
    if (!feed) {
      // Batches behind a spent `take` are given; nobody wants those before it.
      this.#flushing = this.#spent + 1;
      return dropped;
    }
    feed.delivery?.release();
    const closing = feed.at <= this.#spent ? feed.close() : undefined;
    return isThenable(closing) ? this.#await(closing, atClosing) : dropped;
  }

  /** Gives the incomplete batches of the stages from `from` on; then it is over. */
  #flush(from: number): unknown {
    for (let i = from; i < this.#stages.length; i += 1) {
      const stage = this.#stages[i] as FusedState;
      const batch = stage.flush();
      if (batch === dropped) continue;
      this.#flushing = i;
      return this.#through(batch, i + 1, stage.delivery);
    }
    const failure = this.#failure;
    // A `take` behind the stage that failed may have been given all it wants.
    if (failure && failure.from > this.#spent) throw failure.error;
    return over;
  }

  /** Passes an item through the stages from `at` on. */
  #through(item: unknown, at: number, delivery: Delivery | undefined): unknown {
    const stages = this.#stages;
    let value = item;
    let owed = delivery;
    let i = at;
    try {
      for (; i < stages.length; i += 1) {
        const stage = stages[i] as FusedState;
        const result = stage.isCalled ? stage.call(value, owed) : undefined;
        if (isThenable(result)) {
          this.#value = value;
          this.#owed = owed;
          return this.#await(result, i);
        }
        if (stage.kind === 'flatMap') {
          this.#feeds.enter(result, i + 1, value, owed);
          return dropped;
        }
        const given = stage.give(result, value, owed);
        if (given === dropped) return dropped;
        value = given;
        if (stage.kind === 'batch') owed = stage.delivery;
        else if (stage.kind === 'take' && stage.left === 0) this.#spent = Math.max(this.#spent, i);
      }
    } catch (error) {
      this.#value = value;
      this.#owed = owed;
      return this.#failed(error, i);
    }
    this.delivery = owed;
    return value;
  }

  /** The function of stage `at` has given `result` for the item that is inside. */
  #resume(at: number, result: unknown): unknown {
    const stage = this.#stages[at] as FusedState;
    const value = this.#value;
    const owed = this.#owed;
    this.#value = undefined;
    try {
      if (stage.kind === 'flatMap') {
        this.#feeds.enter(result, at + 1, value, owed);
        return dropped;
      }
      const given = stage.give(result, value, owed);
      return given === dropped ? dropped : this.#through(given, at + 1, owed);
    } catch (error) {
      this.#value = value;
      return this.#failed(error, at);
    }
  }

  /** The function of stage `at` has failed for the item that is inside; or the treatment of an error has. */
  #failed(error: unknown, at: number): unknown {
    const value = this.#value;
    this.#value = undefined;
    if (at === atTreatment) return this.#stop(error, this.#treatedAt + 1);
    // The stream ends with it, whatever a `take` has been given.
    if (at === atClosing) return this.#stop(error, this.#spent + 1);
    this.#treatedAt = at;
    let treated: unknown;
    try {
      treated = treat(this.#run, error, value, this.#owed);
    } catch (reason) {
      return this.#stop(reason, at + 1);
    }
    return isThenable(treated) ? this.#await(treated, atTreatment) : dropped;
  }

  /** Ends with `error`, after the batches that wait behind stage `from`: their items came before it. */
  #stop(error: unknown, from: number): typeof dropped {
    this.#failure = { error, from };
    this.#flushing = Math.max(from, this.#spent + 1);
    // The items that are left in the feeds come after the error.
    this.#feeds.clear();
    return dropped;
  }
}
