/** A run of a stream for one consumer: from the first `next()` until it is over. @module */

import { AsyncResource } from 'node:async_hooks';
import type { Keeper } from '../../base/clock.ts';
import { hasNoContext } from '../../context/here.ts';
import { clockOf } from '../../codec/live/clocked.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { Fifo } from '../../base/fifo.ts';
import { AbortController, Promise } from '../../base/intrinsics.ts';
import { reasonOf } from '../../base/signal.ts';
import { Deliveries } from './delivery.ts';
import type { DeliveriesOptions, Delivery } from './delivery.ts';
import { over, waits } from './pull.ts';
import type { Pull } from './pull.ts';
import type { Run } from './run.ts';
import { Scope, settled } from './scope.ts';

type Result = IteratorResult<unknown, undefined>;

interface Waiter {
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

const done: Result = { value: undefined, done: true };

/** The parts of a reading. */
export interface ReadingPlan {
  /** Opens the stages for `run`. */
  open(run: Run): Pull;
  readonly policy: Run['policy'];
  readonly maxSize: number;
  readonly signal: AbortSignal | undefined;
  readonly events?: DeliveriesOptions | undefined;
}

/**
 * Answers `next()` in the order of the calls, in the context of the first one.
 *
 * Invariant: once it is over, everything that it had open is closed or being closed, and every `next()` is answered.
 */
export class Reading implements Run {
  readonly scope: Scope = new Scope();
  readonly deliveries: Deliveries;
  readonly policy: Run['policy'];
  readonly maxSize: number;
  readonly #pull: Pull;
  readonly #context = new AsyncResource('offloop', { requireManualDestroy: true });
  #controller: AbortController | undefined;

  /** Settle the `next()` whose item is being made; `undefined` while no `next()` waits. */
  #resolve: Waiter['resolve'] | undefined;
  #reject: Waiter['reject'] | undefined;

  /** Whether the pull is being asked: what calls `next()` meanwhile is a function of the stream itself. */
  #isAsking = false;

  /** The calls of `next()` that wait for the items after it, in order. */
  readonly #line = new Fifo<Waiter>();
  #isOver = false;

  /** The delivery of the item that the consumer has. */
  #given: Delivery | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  /** Keeps the process alive for a signal with a timer while a call of `next()` is pending. */
  #clock: Keeper | undefined;

  constructor({ open, policy, maxSize, signal, events }: ReadingPlan) {
    this.deliveries = new Deliveries(events);
    this.policy = policy;
    this.maxSize = maxSize;
    if (signal) this.#listen(signal);
    this.#pull = this.#open(open);
  }

  /** Opens the stages; an error of that is thrown by the first `next()`. */
  #open(open: ReadingPlan['open']): Pull {
    try {
      return open(this);
    } catch (error) {
      const fail = (): never => {
        throw error;
      };
      return { next: fail, take: fail, fail, awaited: undefined, delivery: undefined };
    }
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Whether no item will come any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  next(): Promise<Result> {
    if (this.#resolve || this.#isAsking) return new Promise(this.#join);
    // To enter a context costs as much as an operator.
    return hasNoContext() ? this.#ask() : this.#context.runInAsyncScope(this.#ask, this);
  }

  /** The consumer wants no more: pending calls are answered, and all is closed. Rejects with what closing fails with. */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const { resolve } of this.#takeAll()) resolve(done);
    await this.#end();
  }

  /** The consumer has done with the item that it was given, and wants no more. */
  async finish(): Promise<void> {
    this.#moveOn();
    await this.close();
  }

  /** The consumer has done with the item that it was given. */
  #moveOn(): void {
    const given = this.#given;
    this.#given = undefined;
    given?.release();
  }

  #ask(): Promise<Result> {
    let step: unknown;
    this.#isAsking = true;
    try {
      if (this.#given) this.#moveOn();
      if (!this.#isOver) {
        this.#check();
        step = this.#pull.next();
      }
    } catch (error) {
      this.#isAsking = false;
      return this.#last(this.#failed(error));
    }
    this.#isAsking = false;
    if (step === waits) void this.#pull.awaited?.then(this.#take, this.#fail);
    // It was over before, or one of its functions has closed it.
    if (this.#isOver) return this.#last(this.#told());
    if (step === waits) return new Promise(this.#keep);
    if (step === over) return this.#last(this.#finished());
    if (this.#line.size > 0) return this.#withLine(step);
    this.#give();
    return Promise.resolve({ value: step, done: false });
  }

  /** Gives `result`, after which no item comes, also to calls that were made meanwhile. */
  #last(result: Promise<Result>): Promise<Result> {
    if (this.#line.size > 0) for (const { resolve } of this.#takeAll()) resolve(done);
    return result;
  }

  /** Gives `step`, and answers the calls that were made meanwhile. */
  #withLine(step: unknown): Promise<Result> {
    const result = new Promise(this.#keep);
    this.#answer(step);
    return result;
  }

  readonly #keep = (resolve: Waiter['resolve'], reject: Waiter['reject']): void => {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#clock?.hold();
  };

  readonly #join = (resolve: Waiter['resolve'], reject: Waiter['reject']): void => this.#line.push({ resolve, reject });

  readonly #take = (settled: unknown): void => this.#settle(settled, false);
  readonly #fail = (error: unknown): void => this.#settle(error, true);

  /** The promise of the pull has settled. */
  #settle(settled: unknown, isError: boolean): void {
    if (this.#isOver) return this.#late(settled, isError);
    let step: unknown;
    try {
      step = isError ? this.#pull.fail(settled) : this.#pull.take(settled);
    } catch (error) {
      return this.#answerAll(this.#failed(error));
    }
    this.#answer(step);
  }

  /** Answers pending calls, the first of them with `first`, until the pull has to wait again. */
  #answer(first: unknown): void {
    let step = first;
    try {
      while (step !== waits) {
        // One of its functions has closed it: there are no pending calls any more.
        if (this.#isOver) return;
        if (step === over) return this.#answerAll(this.#finished());
        this.#give();
        this.#resolve?.({ value: step, done: false });
        if (!this.#nextInLine()) return;
        this.#moveOn();
        this.#check();
        step = this.#pull.next();
      }
    } catch (error) {
      return this.#answerAll(this.#failed(error));
    }
    void this.#pull.awaited?.then(this.#take, this.#fail);
  }

  /** An event that comes after the end is handed back by the pull that it has come to. */
  #late(settled: unknown, isError: boolean): void {
    try {
      if (!isError) this.#pull.take(settled);
    } catch {
      // The run is over: no pending call is left that could reject with the error.
    }
  }

  /** The next one who waits has their item made; says whether there is one. */
  #nextInLine(): boolean {
    const next = this.#line.shift();
    this.#resolve = next?.resolve;
    this.#reject = next?.reject;
    if (!next) this.#clock?.letGo();
    return next !== undefined;
  }

  /** Takes all who wait, in order. */
  #takeAll(): Waiter[] {
    const all = this.#line.drain();
    if (this.#resolve && this.#reject) all.unshift({ resolve: this.#resolve, reject: this.#reject });
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#clock?.letGo();
    return all;
  }

  #give(): void {
    const { delivery } = this.#pull;
    if (!delivery) return;
    this.#given = delivery;
    delivery.give();
  }

  #check(): void {
    if (this.deliveries.failure) throw this.deliveries.failure.error;
  }

  /** The run has ended: the first pending call gives `result`, the others give that it is over. */
  #answerAll(result: Promise<Result>): void {
    const [first, ...others] = this.#takeAll();
    result.then(
      (step) => first?.resolve(step),
      (error) => first?.reject(error),
    );
    for (const { resolve } of others) resolve(done);
  }

  async #finished(): Promise<Result> {
    this.#isOver = true;
    if (this.deliveries.isHeld) this.deliveries.acceptAll();
    await this.#end();
    return done;
  }

  /** The error that ends it wins over those that closing it has. */
  async #failed(error: unknown): Promise<never> {
    this.#isOver = true;
    await settled(async () => this.#end());
    throw error;
  }

  /** Closes all that is open. */
  async #end(): Promise<void> {
    this.#controller?.abort();
    await this.scope.close();
  }

  /** After the end, an abort that nobody was told of yet. */
  async #told(): Promise<Result> {
    const aborted = this.#aborted;
    this.#aborted = undefined;
    if (aborted) throw aborted.reason;
    return done;
  }

  #listen(signal: AbortSignal): void {
    const abort = (): void => {
      this.#isOver = true;
      const reason = reasonOf(signal);
      const [first, ...others] = this.#takeAll();
      if (first) first.reject(reason);
      else this.#aborted = { reason };
      for (const { resolve } of others) resolve(done);
      void settled(async () => this.#end());
    };
    if (signal.aborted) return abort();
    this.#clock = clockOf(signal);
    this.scope.add(onAbort(signal, abort));
  }
}
