/** One call on its way: from the moment it is made until its promise has settled. @module */

import type { Definition } from '../address/registry.ts';
import { scopeValue } from '../address/captures.ts';
import { now } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import { hasClock } from '../codec/clocked.ts';
import type { Branch } from '../codec/shape.ts';
import { rejectAwaited } from '../codec/stacks.ts';
import { unpack } from '../codec/unpack.ts';
import type { IncomingScope } from '../codec/unpack.ts';
import { carry } from '../context/carried.ts';
import type { Carried } from '../context/carried.ts';
import { keptHere } from '../context/here.ts';
import type { RunThere } from '../context/here.ts';
import { callWithin } from '../context/within.ts';
import type { ArrivedItem, CallStream } from '../channel/call-stream.ts';
import type { Failure } from '../channel/held-way.ts';
import { CallArguments, takeArguments } from './arguments.ts';
import { CallBridge } from './call-bridge.ts';
import { isAlone } from './call-plan.ts';
import type { CallPlan, Caller } from './call-plan.ts';
import { isLimited, LimitWatch } from './limits.ts';
import { asFailed, both } from './observer.ts';
import type { CallObserver } from './observer.ts';
import type { StreamLine } from './stream-line.ts';

/** The owner of a call that waits or runs: told when it is given up. */
export interface CallHolder {
  gone(call: Call, reason: unknown): void;
}

/**
 * A call. Its arguments are taken as they are at the moment it is made, whether it is sent at once or waits. How it may
 * travel is asked in `travel.ts`; what its answer makes of it is in `outcome.ts`.
 *
 * Invariant: `settled` becomes true once, together with the promise; what comes later is dropped.
 */
export class Call {
  readonly definition: Definition;
  readonly plan: CallPlan;
  readonly promise: Promise<unknown>;

  /** How many calls wait for this one, each in a callback of the one before. */
  readonly depth: number;

  /** What of the caller's context goes along. */
  readonly context: Carried | undefined;

  /** The caller's context, if it is kept: where coroutines run. */
  readonly there: RunThere | undefined;

  /**
   * The arguments where nobody can change them and nothing of them is lent, as most are, or the primitives of `shape` that
   * they are made of; else they are `lent`.
   */
  readonly items: unknown[] | undefined;
  readonly shape: Branch | undefined;
  readonly lent: CallArguments | undefined;

  /** What ends it from outside; most calls have nothing of the kind. */
  readonly limits: LimitWatch | undefined;

  settled = false;

  // Below are slots, each of which its owner alone writes: a record of the owner's would cost every call one object more.

  /** The executor's: who is told when the call is given up. */
  holder: CallHolder | undefined;

  /** The pool's: the call's place among all calls, and the one thread that may run it; `undefined` if any may. */
  order = 0;
  place: number | undefined;

  /** The lane's: the id that the call was given last; `0` if it was never sent. */
  sentAs = 0;

  /** The consumer's, if the function gives items. */
  stream: CallStream<StreamLine<Call>> | undefined;

  /** What its thread calls back, and is told of its end; made for the first of these. */
  bridge: CallBridge | undefined;

  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  #caller: Caller;
  #observer: CallObserver | undefined;

  /** @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot cross. */
  constructor(definition: Definition, args: unknown[], plan: CallPlan, caller: Caller) {
    this.definition = definition;
    this.plan = plan;
    this.#caller = caller;
    this.depth = (callWithin()?.depth ?? -1) + 1;
    this.context = carry();
    this.there = keptHere();
    // Also if calls take long just now: a call that a busy machine held up says nothing of the calls after it.
    const { learnt } = definition;
    const leaves = isAlone(plan) ? undefined : learnt.shapes?.takeApart(args);
    if (leaves) this.shape = learnt.shapes?.fitted;
    const taken = leaves ?? takeArguments(learnt, args, this, plan.transfer);
    if (taken instanceof CallArguments) this.lent = taken;
    else this.items = taken;
    this.promise = new Promise(capture);
    ({ resolve: this.#resolve, reject: this.#reject } = captured);
    if (isLimited(plan)) {
      const label = definition.name || 'The function';
      this.limits = new LimitWatch(plan, label, (reason) => this.abort(reason));
    }
  }

  /** The function's name, as it reads in a sentence. */
  get name(): string {
    return this.definition.name || 'the function';
  }

  /** Whether something is sure to end it: its own clock, or one of a signal that it has. */
  get hasClock(): boolean {
    return this.plan.timeout !== Infinity || hasClock(this.plan.signal) || this.lent?.hasClock === true;
  }

  /** How what its thread sends is restored. */
  get scope(): IncomingScope {
    return { resolveClass: (name) => scopeValue(this.definition.fn, name) };
  }

  /** The frames of its caller, if they were kept. */
  get callerStack(): string | undefined {
    const { stack } = this.#caller;
    return typeof stack === 'string' ? stack : undefined;
  }

  /** Tells `observer` as well how it goes. */
  observe(observer: CallObserver): void {
    this.#observer = this.#observer ? both(this.#observer, observer) : observer;
  }

  /** Restores an item of its stream; throws what a class of the user's does that refuses what it is to be made of. */
  restore({ values, holes }: ArrivedItem): unknown {
    return holes ? unpack(values, holes, this.scope)[0] : values[0];
  }

  /** It is submitted now, later than it was made. */
  submitted(): void {
    const made = this.#caller;
    this.#caller = {
      at: now(),
      get stack() {
        return made.stack;
      },
    };
  }

  /** Its generator is told to end, and has a time of its own for that. */
  closing(): void {
    this.limits?.stopClock();
  }

  /** It was given up, and may still end by itself: whatever it gives then, it has failed. */
  gaveUp(): void {
    if (this.#observer) this.#observer = asFailed(this.#observer);
  }

  /** A thread has it, by the `id` that its lane gave it. */
  sent(id: number, threadId: number | undefined): void {
    this.sentAs = id;
    this.#observer?.sent?.(threadId);
    this.limits?.sent();
  }

  /** The thread is done with the call, or has ended: what was lent to it is taken back. */
  finished(): void {
    this.lent?.release();
    this.bridge?.release();
  }

  /**
   * The thread is done, and the function has returned `value`; it ran for `ran` milliseconds, and the answer arrived at
   * `at`. Settles with that.
   */
  returned(value: unknown, ran?: number, at?: number): void {
    this.succeed(value, ran, at, this.lent?.sources?.close());
    this.finished();
  }

  /** Settles with `value` once `closing` has: what the iterables of the arguments fail with then is not lost. */
  succeed(value: unknown, ran?: number, at?: number, closing?: Promise<Failure | undefined>): void {
    if (closing) void this.#succeedAfter(closing, value, ran, at);
    else if (this.#settle(true, ran, at)) this.#resolve(value);
  }

  async #succeedAfter(closing: Promise<Failure | undefined>, value: unknown, ran?: number, at?: number): Promise<void> {
    this.limits?.stopClock();
    const failure = await closing;
    if (failure) this.fail(failure.error, ran, at);
    else this.succeed(value, ran, at);
  }

  fail(reason: unknown, ran?: number, at?: number): void {
    if (!this.#settle(false, ran, at)) return;
    this.bridge?.abortAll(reason);
    this.#reject(reason);
  }

  /** As {@link fail}, for an error of the function's where no stack was kept: it is given that of those who await the call. */
  failAwaited(error: Error, ran: number, at: number): void {
    if (this.#settle(false, ran, at)) rejectAwaited(error, this.#resolve, this.#reject);
  }

  /** Rejects with `reason` now, whatever the thread does. */
  abort(reason: unknown): void {
    if (this.settled) return;
    (this.bridge ??= new CallBridge()).givenUp = { reason };
    this.fail(reason);
    this.holder?.gone(this, reason);
  }

  /** An iterable of the arguments has failed by itself. A call that no thread has is not sent; others hear of it as they ask. */
  sourceFailed(error: unknown): void {
    if (this.sentAs === 0) this.abort(error);
  }

  #settle(isReturned: boolean, ran?: number, at?: number): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.limits?.end();
    if (this.#observer) {
      const waited = ran === undefined || at === undefined ? undefined : Math.max(0, at - this.#caller.at - ran);
      this.#observer.settled(isReturned, waited, ran);
    }
    // A thread that still runs the function may yet hear of its signals.
    if (this.sentAs === 0) this.finished();
    return true;
  }
}

/** What the executor of the last promise was given: a function that is made once takes no memory for each call. */
const captured: PromiseParts = { resolve: () => undefined, reject: () => undefined };

function capture(resolve: PromiseParts['resolve'], reject: PromiseParts['reject']): void {
  captured.resolve = resolve;
  captured.reject = reject;
}

interface PromiseParts {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}
