/** What the thread of one call calls back, while it runs on the main side, and what the thread was told of the call's end. @module */

import { AbortController, Promise } from '../base/intrinsics.ts';
import { isThenable } from '../base/thenable.ts';
import { releasedError } from '../codec/handles.ts';
import type { Hole } from '../codec/hole.ts';
import { unpack } from '../codec/unpack.ts';
import type { IncomingScope } from '../codec/unpack.ts';
import { enter, restore } from '../context/carried.ts';
import type { Carried } from '../context/carried.ts';
import { outside } from '../context/here.ts';
import type { RunThere } from '../context/here.ts';
import { runWithin } from '../context/within.ts';
import type { OuterCall } from '../context/within.ts';
import { withSignal } from '../wait/running-call.ts';
import type { CallArguments } from './arguments.ts';

/** What callbacks need of their call. */
export interface BridgedCall extends OuterCall {
  readonly there: RunThere | undefined;
  readonly lent: CallArguments | undefined;
  readonly scope: IncomingScope;
}

/** One call of a callback, as it has arrived. */
export interface CallbackCall {
  readonly replyId: number;
  readonly args: unknown[];
  readonly holes: Hole[] | undefined;

  /** What the thread has changed of the context. */
  readonly context: Carried | undefined;

  /** Whether the thread blocks until it has settled. */
  readonly isWaitedFor: boolean;
}

/** What is called back: one that both sides have may still have to be loaded. */
export type Callback = Function | Promise<Function> | undefined;

/** Told how a callback went: whether it returned, and what it gave. */
export type Settled = (isReturned: boolean, value: unknown) => void;

/** A callback that runs. */
interface Run {
  controller: AbortController | undefined;
  aborted: { readonly reason: unknown } | undefined;
}

/**
 * The callbacks and coroutines of one call.
 *
 * Invariant: `Settled` is called once for each that was run; those that failed, or still run, are known by their ids.
 */
export class CallBridge {
  /** Why the call was given up. */
  givenUp: { readonly reason: unknown } | undefined;

  /** Whether its thread was told so. */
  isInterrupted = false;

  readonly #running = new Map<number, Run>();

  /** The callbacks that run, and failures of those that have: the thread may say later that nobody took notice. */
  readonly #results = new Map<number, Promise<unknown>>();

  /** Whether a callback runs. */
  get isActive(): boolean {
    return this.#running.size > 0;
  }

  /**
   * Calls `fn` for the thread of `call`, in the caller's context and with what the thread has changed of it. It fails if the
   * call has settled and its thread is only winding it up. One that returns no promise has settled on return.
   */
  run(call: BridgedCall, fn: Callback, how: CallbackCall, settled: Settled): void {
    const { replyId } = how;
    const run: Run = { controller: undefined, aborted: undefined };
    this.#running.set(replyId, run);
    let value: unknown;
    try {
      value = this.#invoke(call, fn, how, run);
      if (!isThenable(value)) {
        this.#running.delete(replyId);
        return settled(true, value);
      }
    } catch (error) {
      value = Promise.reject(error);
    }
    const result = Promise.resolve(value);
    this.#results.set(replyId, result);
    void this.#follow(replyId, result, settled);
  }

  /** The thread has taken notice of what `id` gave, or will not. */
  forget(id: number): void {
    this.#results.delete(id);
  }

  /** Resolves once those of `ids` have settled; rejects with the first failure among them, in their order. */
  async settled(ids: readonly number[]): Promise<void> {
    const outcomes = await Promise.allSettled(ids.flatMap((id) => this.#results.get(id) ?? []));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Nobody waits for `id` any more. */
  abort(id: number, reason: unknown): void {
    const run = this.#running.get(id);
    if (!run || run.aborted) return;
    run.aborted = { reason };
    run.controller?.abort(reason);
  }

  /** Nobody waits for any of them any more. */
  abortAll(reason: unknown): void {
    for (const id of this.#running.keys()) this.abort(id, reason);
  }

  /** The thread is done with the call. */
  release(): void {
    if (this.isActive) this.abortAll(releasedError());
  }

  #invoke(call: BridgedCall, fn: Callback, how: CallbackCall, run: Run): unknown {
    const { args, holes, context, isWaitedFor } = how;
    // A wait that began before the thread could hear of the abort is interrupted by it.
    if (this.givenUp && isWaitedFor && !this.isInterrupted) throw this.givenUp.reason;
    if (fn === undefined || call.settled) throw releasedError();
    if (fn instanceof Promise) return fn.then((found) => this.#invoke(call, found, how, run));
    const values = holes ? unpack(args, holes, call.scope) : args;
    const inside = (): unknown =>
      runWithin(
        call,
        withSignal,
        () => signalOf(run),
        () => Reflect.apply(fn, undefined, values),
      );
    const there = call.there ?? call.lent?.there ?? outside;
    return there(context ? () => enter(restore(context), inside) : inside);
  }

  async #follow(id: number, result: Promise<unknown>, settled: Settled): Promise<void> {
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      this.#running.delete(id);
      return settled(false, error);
    }
    this.#running.delete(id);
    this.#results.delete(id);
    settled(true, value);
  }
}

/** The signal of a callback, made only for those that ask: aborted when nobody waits for it any more. */
function signalOf(run: Run): AbortSignal {
  if (!run.controller) {
    run.controller = new AbortController();
    if (run.aborted) run.controller.abort(run.aborted.reason);
  }
  return run.controller.signal;
}
