/**
 * The callbacks of one call that run on the main side, and whether the thread was told that the call was given up.
 * @module
 */

import { AbortController, Promise } from '../base/intrinsics.ts';
import { isThenable } from '../base/thenable.ts';
import { releasedError } from '../codec/live/handles.ts';
import type { Hole } from '../codec/walk/hole.ts';
import { unpack } from '../codec/walk/unpack.ts';
import type { IncomingScope } from '../codec/walk/unpack.ts';
import { enter, restore } from '../context/carried.ts';
import type { Carried } from '../context/carried.ts';
import { outside } from '../context/here.ts';
import type { RunThere } from '../context/here.ts';
import { contexts } from '../context/in-use.ts';
import { runInside } from '../context/within.ts';
import type { Inside, OuterCall } from '../context/within.ts';
import type { CallArguments } from './arguments/arguments.ts';

/** A call, as its callbacks know it. */
export interface BridgedCall extends OuterCall {
  readonly there: RunThere | undefined;
  readonly lent: CallArguments | undefined;
  readonly scope: IncomingScope;
}

/** A callback's call that has arrived. */
export interface CallbackCall {
  readonly replyId: number;
  readonly args: unknown[];
  readonly holes: Hole[] | undefined;

  /** The thread's changes to the context. */
  readonly context: Carried | undefined;

  /** Whether the thread blocks until the callback has settled. */
  readonly isWaitedFor: boolean;

  /** The context to run the callback in, if that is not the one of the call. */
  readonly there?: RunThere | undefined;
}

/** The function to call back: a promise if it is a registered function whose module is still being loaded. */
export type Callback = Function | Promise<Function> | undefined;

/** Told of the outcome of each callback of the calls of a lane: whether it returned, and its value or error. */
export interface CallbackListener<C> {
  settled(call: C, how: CallbackCall, isReturned: boolean, value: unknown): void;
}

/** To `await` would cost each callback one more promise, which costs more while contexts are kept. */
const { then } = Promise.prototype;

/** A running callback, to which the code of its function belongs. */
class Run implements Inside {
  // Declared, as each callback has one: to define each field first would take one more function.
  declare readonly call: OuterCall;
  declare private controller: AbortController | undefined;
  declare private aborted: { readonly reason: unknown } | undefined;

  constructor(call: OuterCall) {
    this.call = call;
    this.controller = undefined;
    this.aborted = undefined;
  }

  /** Aborted when nobody waits for the callback any more; made when its function asks for it. */
  signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.aborted.reason);
    }
    return this.controller.signal;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = { reason };
    this.controller?.abort(reason);
  }
}

/**
 * The callbacks and coroutines of one call.
 *
 * Invariant: the listener is told once of each callback that was run; callbacks that failed or still run are in
 * `#results`, apart from those for which the thread blocks.
 */
export class CallBridge {
  /** The reason for which the call was given up. */
  givenUp: { readonly reason: unknown } | undefined;

  /** Whether the thread was told that the call was given up. */
  isInterrupted = false;

  /** Whether the call, which overlaps with others, has noticed that, and does not occupy the thread. */
  isTold = false;

  readonly #running = new Map<number, Run>();

  /** Running and failed callbacks: the thread may tell later that the function did not await them. */
  readonly #results = new Map<number, Promise<unknown>>();

  /** Whether a callback runs. */
  get isActive(): boolean {
    return this.#running.size > 0;
  }

  /**
   * Calls `fn` for the thread of `call`, in the caller's context with the thread's changes to it. Fails the callback if
   * the call has settled, so that its thread only runs its clean-up. Gives whether the callback has settled at once, as
   * `fn` has returned no promise.
   */
  run<C extends BridgedCall>(call: C, fn: Callback, how: CallbackCall, listener: CallbackListener<C>): boolean {
    const { replyId, isWaitedFor } = how;
    const run = new Run(call);
    this.#running.set(replyId, run);
    let value: unknown;
    try {
      value = this.#invoke(call, fn, how, run);
    } catch (error) {
      value = Promise.reject(error);
    }
    if (!(value instanceof Promise) && !isThenable(value)) {
      this.#running.delete(replyId);
      listener.settled(call, how, true, value);
      return true;
    }
    const result = Promise.resolve(value);
    if (!isWaitedFor) this.#results.set(replyId, result);
    void Reflect.apply(then, result, [
      (returned: unknown) => {
        this.#running.delete(replyId);
        if (!isWaitedFor) this.#results.delete(replyId);
        listener.settled(call, how, true, returned);
      },
      (error: unknown) => {
        this.#running.delete(replyId);
        listener.settled(call, how, false, error);
      },
    ]);
    return false;
  }

  /** Called when the function has awaited the result of `id`, or never will. */
  forget(id: number): void {
    this.#results.delete(id);
  }

  /**
   * Resolves once the callbacks `ids` have settled; rejects with the first failure among them, in the order of `ids`.
   */
  async settled(ids: readonly number[]): Promise<void> {
    const outcomes = await Promise.allSettled(ids.flatMap((id) => this.#results.get(id) ?? []));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Aborts the signal of the callback `id`: nobody waits for it any more. */
  abort(id: number, reason: unknown): void {
    this.#running.get(id)?.abort(reason);
  }

  /** Aborts the signals of all running callbacks. */
  abortAll(reason: unknown): void {
    for (const id of this.#running.keys()) this.abort(id, reason);
  }

  /** Called when the thread is done with the call. */
  release(): void {
    if (this.isActive) this.abortAll(releasedError());
  }

  #invoke(call: BridgedCall, fn: Callback, how: CallbackCall, run: Run): unknown {
    const { args, holes, context, isWaitedFor } = how;
    // The thread began to wait before it could be told that the call was given up: end its wait.
    if (this.givenUp && isWaitedFor && !this.isInterrupted) throw this.givenUp.reason;
    if (fn === undefined || call.settled) throw releasedError();
    if (fn instanceof Promise) return fn.then((found) => this.#invoke(call, found, how, run));
    const values = holes ? unpack(args, holes, call.scope) : args;
    contexts.areUsed = true;
    const inside = (): unknown =>
      runInside(run, Reflect.apply<undefined, unknown[], unknown>, fn as () => unknown, undefined, values);
    const there = how.there ?? call.there ?? call.lent?.there ?? outside;
    return there(context ? () => enter(restore(context), inside) : inside);
  }
}
