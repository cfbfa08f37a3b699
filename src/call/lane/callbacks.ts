/** Runs the callbacks and coroutines of calls on the main side, and answers the threads that called them. @module */

import type { Address } from '../../address/address.ts';
import { findHere } from '../../address/find/find-here.ts';
import { packThrown } from '../../codec/errors/codec.ts';
import type { Hole } from '../../codec/walk/hole.ts';
import { isPrimitive } from '../../codec/quick/look.ts';
import type { Carried } from '../../context/carried.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { Call } from '../call.ts';
import { CallBridge } from '../call-bridge.ts';
import type { Callback, CallbackCall, CallbackListener } from '../call-bridge.ts';
import { neverSettles } from '../../wait/loop-waits.ts';
import * as down from '../../wire/down.ts';
import { Up } from '../../wire/messages.ts';
import type { DownRecord } from '../../wire/messages.ts';
import type { Outbox } from '../../wire/outbox.ts';
import { postResult } from '../../wire/post.ts';
import type { CallTag } from '../../wire/up.ts';
import type { Waits } from './waits.ts';

/** The callbacks of the calls of one lane. */
export class Callbacks implements CallbackListener<Call> {
  /** The context for the next callback. */
  context: Carried | undefined;

  readonly #outbox: Outbox<DownRecord>;
  readonly #waits: Waits;

  /** Registered functions that the thread calls, by the ids that the thread gave them. */
  readonly #functions = new Map<number, Function | Promise<Function>>();

  constructor(outbox: Outbox<DownRecord>, waits: Waits) {
    this.#outbox = outbox;
    this.#waits = waits;
  }

  /** Defines `id` as the thread's name for the function at `address`. */
  define(id: number, address: Address): void {
    const found = findHere(address);
    this.#functions.set(id, found);
    if (!(found instanceof Promise)) return;
    found.then(
      (fn) => this.#functions.set(id, fn),
      // The error of the look-up rejects the callback's call.
      () => undefined,
    );
  }

  /** Runs the callback that the record `message`, which is alone in it, calls. */
  hear(call: Call, message: unknown[]): void {
    const holes = message[5] as Hole[] | undefined;
    this.run(call, message[0] as CallTag, message[2] as number, message[3] as number, message[4] as unknown[], holes);
  }

  /**
   * Runs the callback `callbackId` of `call`, and answers the thread. The answer is sent even if the call was given up,
   * because the function may wait for it in its clean-up.
   */
  run(call: Call, tag: CallTag, replyId: number, callbackId: number, args: unknown[], holes: Hole[] | undefined): void {
    const { context } = this;
    this.context = undefined;
    this.#waits.wereThere = true;
    const isWaitedFor = tag !== Up.callback;
    const bridge = (call.bridge ??= new CallBridge());
    const { lasts, kept: keptFunctions } = call.plan;
    const kept = callbackId > 0 ? keptFunctions?.get(callbackId) : undefined;
    const how = { replyId, args, holes, context, isWaitedFor, there: lasts ? kept?.there : undefined };
    // Most callbacks settle at once: only others count as a wait.
    if (bridge.run(call, kept?.fn ?? this.#functionOf(call, callbackId), how, this)) return;
    const isEndless = tag === Up.endlessWait;
    this.#waits.awaits(call, isEndless ? () => this.#fault(call, replyId, neverSettles()) : undefined);
  }

  /** Called when a callback of `call` has settled: answers the thread. */
  settled(call: Call, { replyId, isWaitedFor }: CallbackCall, isReturned: boolean, value: unknown): void {
    if (!isWaitedFor && call.plan.lasts) call.bridge?.forget(replyId);
    if (!isReturned) this.#fault(call, replyId, value);
    else if (isPrimitive(value)) this.#outbox.send(down.reply(call.sentAs, replyId, [value], undefined));
    else this.#reply(call, replyId, value);
    this.#waits.answered(isWaitedFor);
  }

  #functionOf(call: Call, callbackId: number): Callback {
    return callbackId > 0 ? call.lent?.handles?.get(callbackId) : this.#functions.get(-callbackId);
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
