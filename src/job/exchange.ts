/**
 * The exchange of a running call with the main side, besides its answer: waits, callbacks, signals, iterables. @module
 */

import { threadId } from 'node:worker_threads';
import { unpackThrown } from '../codec/errors/codec.ts';
import type { PackedThrown } from '../codec/errors/codec.ts';
import type { Hole } from '../codec/walk/hole.ts';
import type { HandleReply } from '../codec/live/handles.ts';
import type { IncomingScope } from '../codec/walk/unpack.ts';
import { CallBorrows } from './borrows.ts';
import type { BorrowingCall, BorrowingThread, BorrowLane } from './borrows.ts';
import { neverSettles } from '../wait/loop-waits.ts';
import { Interruption } from './interruption.ts';
import { Down } from '../wire/messages.ts';
import type { Fields } from '../wire/messages.ts';
import * as up from '../wire/up.ts';
import type { CallbackName, RunningCall } from '../wait/running-call.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { WaitWord } from '../wait/words.ts';

/** The lane, as an exchange knows it. */
export interface ExchangeLane extends BorrowLane {
  /** The id under which the main side knows a registered function. */
  idOf(name: Exclude<CallbackName, number>): number;
}

/** The call, as its exchange knows it. */
export interface ExchangingCall extends BorrowingCall {
  /** Whether the call is a generator that was told to end. */
  readonly isEnding: boolean;
}

/**
 * The exchange of one call; most calls have none.
 *
 * Invariant: everything that the call borrows from the main side is released when the call ends.
 */
export class Exchange implements RunningCall, BorrowingThread {
  readonly id: number;
  readonly #call: ExchangingCall;
  readonly #lane: ExchangeLane;
  #borrows: CallBorrows | undefined;
  #interruption: Interruption | undefined;

  /** The reason if the call was given up; and the number of the wait that was given up because it will never end. */
  #aborted: { readonly reason: unknown } | undefined;
  #givenUp: number | undefined;

  /** Whether a wait has thrown the reason: the waits that follow belong to the clean-up, and are not interrupted. */
  #isTold = false;

  /** The primitives of which the main side was told that this thread may hold them. */
  #held: Set<Int32Array> | undefined;

  /** What has to be done before the thread waits, or the call is answered. */
  #due: (() => void)[] | undefined;

  constructor(lane: ExchangeLane, call: ExchangingCall) {
    this.id = call.id;
    this.#lane = lane;
    this.#call = call;
  }

  get control(): Int32Array {
    return this.#lane.control;
  }

  /** How values that the main side sends are restored. */
  get scope(): IncomingScope {
    return this.#borrowed.scope;
  }

  /** Whether this thread was told that the call was given up. */
  get isGivenUp(): boolean {
    return this.#aborted !== undefined;
  }

  /** Throws the reason if the call was given up before it has begun. */
  throwIfGivenUp(): void {
    if (this.#aborted) throw this.#aborted.reason;
  }

  signal(): AbortSignal {
    return this.#interrupted.signal;
  }

  beginWait(): void {
    if (this.#due) this.#pause();
    if (this.#call.isEnding && !this.#isTold) {
      this.#lane.pull();
      this.#isTold = this.#aborted !== undefined;
    }
    Atomics.store(this.#lane.control, WaitWord.waiting, this.id);
  }

  endWait(): void {
    Atomics.store(this.#lane.control, WaitWord.waiting, 0);
  }

  look(wait: number): void {
    this.#lane.pullNew();
    this.throwIfTold();
    if (this.#givenUp === wait) throw neverSettles();
  }

  /** Throws the reason if the messages that were read said that the call was given up, and no wait has thrown it yet. */
  throwIfTold(): void {
    if (!this.#aborted || this.#isTold) return;
    this.#isTold = true;
    throw this.#aborted.reason;
  }

  sleeps(wait: number, words: Int32Array, at: number, isEndless: boolean): void {
    this.#lane.outbox.send(up.sleeps(this.id, wait, words, at, isEndless));
  }

  holds(kind: string, words: Int32Array): void {
    this.#held ??= new Set();
    if (this.#held.has(words)) return;
    this.#held.add(words);
    this.#lane.outbox.send(up.holds(threadId, kind, words));
  }

  beforePause(action: () => void): void {
    (this.#due ??= []).push(action);
  }

  callBack(name: CallbackName, args: unknown[]): HandleReply {
    return this.#borrowed.callBack(this.#idOf(name), args);
  }

  waitFor(name: CallbackName, args: unknown[], options: WaitOptions): unknown {
    return this.#borrowed.waitFor(this.#idOf(name), args, options);
  }

  keepHandles(): void {
    this.#borrowed.keep();
  }

  /** The error of a callback's call that could not be sent, if the function did not await that call. */
  failure(): { readonly error: unknown } | undefined {
    if (this.#due) this.#pause();
    return this.#borrows?.failure();
  }

  /** The ids of callbacks' calls that the function did not await. */
  loose(): number[] | undefined {
    if (this.#due) this.#pause();
    return this.#borrows?.loose();
  }

  /** Called when the main side has sent a record for the call. */
  hear(tag: number, fields: Fields): void {
    const [first, second, third] = fields;
    if (tag === Down.reply) this.#borrows?.reply(first as number, second as unknown[], third as Hole[] | undefined);
    else if (tag === Down.fault) this.#borrows?.fault(first as number, second);
    else if (tag === Down.abort) this.#interrupt(first as PackedThrown);
    else if (tag === Down.giveUp) this.#givenUp = first as number;
    else this.#hearOfItems(tag, fields);
  }

  /** Called when an iterable argument has items, or has ended. */
  #hearOfItems(tag: number, [id, second, holes, fourth]: Fields): void {
    const items = this.#borrows?.iterable(id as number);
    if (tag === Down.sourceBell) items?.woken();
    else if (tag === Down.sourceItem) {
      const [number, isBuffer] = fourth as [number, boolean];
      items?.heard(number, { values: second as unknown[], holes: holes as Hole[] | undefined, isBuffer });
    } else if (second === undefined) items?.ended({ isError: false });
    else items?.ended({ isError: true, error: unpackThrown(second as PackedThrown, this.#borrows?.scope ?? {}) });
  }

  /** Called when the call was given up: aborts its signal, and rejects the pending callbacks and items. */
  #interrupt(packed: PackedThrown): void {
    const reason = unpackThrown(packed, this.#borrows?.scope ?? {});
    this.#aborted ??= { reason };
    this.#interrupted.give(reason);
    this.#borrows?.interrupt(reason);
  }

  /** Releases everything that the call borrowed. */
  end(): void {
    this.#borrows?.release();
    this.#interruption?.end();
  }

  #pause(): void {
    const due = this.#due ?? [];
    this.#due = undefined;
    for (const action of due) action();
  }

  get #interrupted(): Interruption {
    const { control, pull } = this.#lane;
    return (this.#interruption ??= new Interruption(this.id, control, pull));
  }

  get #borrowed(): CallBorrows {
    return (this.#borrows ??= new CallBorrows(this.#lane, this.#call, this));
  }

  #idOf(name: CallbackName): number {
    return typeof name === 'number' ? name : -this.#lane.idOf(name);
  }
}
