/** Runs the callbacks and coroutines of calls on the main side, and answers the threads that called them. @module */

import type { Address } from '../address/address.ts';
import { findHere } from '../address/find-here.ts';
import { packThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import type { Carried } from '../context/carried.ts';
import { Promise } from '../base/intrinsics.ts';
import type { Call } from './call.ts';
import { neverSettles } from '../wait/loop-waits.ts';
import * as down from '../wire/down.ts';
import type { DownRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import { postResult } from '../wire/post.ts';

/** One call of a callback, as it has arrived. */
export interface CallbackCall {
  readonly replyId: number;
  readonly callbackId: number;
  readonly args: unknown[];
  readonly holes: Hole[] | undefined;

  /** Whether the thread blocks, and will see what it is given. */
  readonly isWaitedFor: boolean;
}

/** The callbacks of the calls of one lane. */
export class Callbacks {
  readonly #outbox: Outbox<DownRecord>;

  /** What is not a function of the arguments: the functions that both sides have, by the ids that the thread gave them. */
  readonly #functions = new Map<number, Function | Promise<Function>>();

  /** The context for the next callback. */
  #context: Carried | undefined;

  constructor(outbox: Outbox<DownRecord>) {
    this.#outbox = outbox;
  }

  /** The thread calls the function at `address` by `id` from now on. */
  define(id: number, address: Address): void {
    const found = findHere(address);
    this.#functions.set(id, found);
    if (!(found instanceof Promise)) return;
    found.then(
      (fn) => this.#functions.set(id, fn),
      // The call of the callback fails with it.
      () => undefined,
    );
  }

  context(carried: Carried): void {
    this.#context = carried;
  }

  /**
   * Runs a callback of `call`, and calls `answered` once its answer was sent. It is answered even if the call was given
   * up: while its thread winds it up, it may wait for that.
   */
  run(call: Call, { replyId, callbackId, args, holes, isWaitedFor }: CallbackCall, answered: () => void): void {
    const context = this.#context;
    this.#context = undefined;
    const settled = (isReturned: boolean, value: unknown): void => {
      if (isWaitedFor) call.runs.forget(replyId);
      if (isReturned) this.#reply(call, replyId, value);
      else this.#fault(call, replyId, value);
      answered();
    };
    const fn = this.#functionOf(call, callbackId);
    call.runs.start(replyId, (signal) => call.callBack(fn, { args, holes, context, isWaitedFor, signal }), settled);
  }

  /** Tells the thread that waits for it that the callback will never settle. */
  giveUp(call: Call, replyId: number): void {
    this.#fault(call, replyId, neverSettles());
  }

  #functionOf(call: Call, callbackId: number): Function | Promise<Function> | undefined {
    return callbackId > 0 ? call.lentFunction(callbackId) : this.#functions.get(-callbackId);
  }

  #reply(call: Call, replyId: number, value: unknown): void {
    try {
      postResult(value, false, (values, holes, transfer) =>
        this.#outbox.send(down.reply(call.sentAs, replyId, values, holes), transfer),
      );
    } catch (error) {
      this.#fault(call, replyId, error);
    }
  }

  #fault(call: Call, replyId: number, error: unknown): void {
    this.#outbox.send(down.fault(call.sentAs, replyId, packThrown(error)));
  }
}
