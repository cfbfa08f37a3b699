/** One call, from the moment it is made until its promise has settled. @module */

import type { Definition } from '../address/registry.ts';
import { classNamed } from '../address/find/class-named.ts';
import { now } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { hasClock } from '../codec/live/clocked.ts';
import type { Branch } from '../codec/quick/shape.ts';
import { joinStacks, rejectAwaited } from '../codec/errors/stacks.ts';
import { unpack } from '../codec/walk/unpack.ts';
import type { IncomingScope } from '../codec/walk/unpack.ts';
import { carry } from '../context/carried.ts';
import type { Carried } from '../context/carried.ts';
import { keptHere } from '../context/here.ts';
import type { RunThere } from '../context/here.ts';
import { contexts } from '../context/in-use.ts';
import { callWithin } from '../context/within.ts';
import type { ArrivedItem, CallStream } from '../channel/call-stream.ts';
import type { Failure } from '../channel/adapters/adapter.ts';
import { CallArguments, takeArguments } from './arguments/arguments.ts';
import { CallBridge } from './call-bridge.ts';
import { isAlone } from './call-plan.ts';
import type { CallPlan, Caller } from './call-plan.ts';
import { endingBy } from './ending.ts';
import type { Ending } from './ending.ts';
import { LimitWatch } from './limits.ts';
import { both, endedBy } from './observer.ts';
import type { CallObserver } from './observer.ts';
import type { StreamLine } from './stream-line.ts';

/** The queue or thread that has a call: told when the call is given up. */
export interface CallHolder {
  /** Called before `call` is given up, after which a thread must not begin it: another holder may have it by now. */
  seek?(call: Call): void;

  gone(call: Call, reason: unknown): void;
}

/**
 * A call. Its arguments are taken as they are at the moment it is made, whether it is sent at once or waits.
 * `travel.ts` tells how a call may be sent; `lane/outcome.ts` settles it by its answer.
 *
 * Invariant: `settled` becomes true once, together with the promise; later results are dropped.
 */
export class Call {
  // Declared, and made by the constructor alone: to define each field first would double what a call costs here.

  declare readonly definition: Definition;
  declare readonly plan: CallPlan;
  declare readonly promise: Promise<unknown>;

  /** The nesting depth: how many calls wait for this one, each in a callback of the one before. */
  declare readonly depth: number;

  /** The part of the caller's context that is sent along. */
  declare readonly context: Carried | undefined;

  /** The caller's context, in which its callbacks run, if it is kept. */
  declare readonly there: RunThere | undefined;

  /**
   * The arguments, if the caller cannot change them and they need no {@link CallArguments}, as in most calls; with
   * `shape`, the primitives in them. Otherwise the arguments are in `lent`.
   */
  declare readonly items: unknown[] | undefined;
  declare readonly shape: Branch | undefined;
  declare readonly lent: CallArguments | undefined;

  /**
   * Whether the call can take the short way, as most do: its arguments are small and plain, it has no limits, transfers
   * nothing, and keeps the process alive. This one check stands for many on its way.
   */
  declare readonly isPlain: boolean;

  /** Watches the signal and the timeouts; `undefined` for most calls, which have none. */
  declare readonly limits: LimitWatch | undefined;

  declare settled: boolean;

  // Each of the fields below is written only by its owner. A record per owner would cost every call one more object.

  /** Of the executor: the queue or thread that has the call. */
  declare holder: CallHolder | undefined;

  /** Of the pool: the call's number in order of submission, and the only place that may run it, if there is one. */
  declare order: number;
  declare place: number | undefined;

  /** Of the pool: whether threads may take the call from its queue by themselves, as was decided when it began to wait. */
  declare isOffered: boolean;

  /** Of the lane: the id under which the call was sent last; `0` if it was never sent. */
  declare sentAs: number;

  /** Of the consumer, if the result is iterated over. */
  declare stream: CallStream<StreamLine<Call>> | undefined;

  /** The running callbacks; made for the first of them, or when the call is given up. */
  declare bridge: CallBridge | undefined;

  /** When the call was made, or submitted if that was later; and where. */
  declare caller: Caller;

  /** Of {@link observe}. */
  declare observer: CallObserver | undefined;

  // Of TypeScript, not of JavaScript: those would be made by one more function.
  declare private readonly resolve: (value: unknown) => void;
  declare private readonly reject: (reason: unknown) => void;

  /** @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if an argument cannot cross; the error names its path. */
  constructor(definition: Definition, args: unknown[], plan: CallPlan, caller: Caller) {
    const { areUsed } = contexts;
    this.definition = definition;
    this.plan = plan;
    this.settled = false;
    this.order = 0;
    this.sentAs = 0;
    this.holder = undefined;
    this.place = undefined;
    this.isOffered = false;
    this.stream = undefined;
    this.bridge = undefined;
    this.caller = caller;
    this.observer = undefined;
    this.depth = areUsed ? (callWithin()?.depth ?? -1) + 1 : 0;
    this.context = areUsed ? carry() : undefined;
    this.there = areUsed ? keptHere() : undefined;
    // Try known shapes even if the last calls were slow: a call that a busy machine held up says nothing about the
    // next.
    const { learnt } = definition;
    const isLimited = plan.signal !== undefined || plan.timeout !== Infinity || plan.queueTimeout !== Infinity;
    const isSimple = !isLimited && plan.transfer === undefined;
    const leaves = isSimple || !isAlone(plan) ? learnt.shapes?.takeApart(args) : undefined;
    const taken = leaves ?? takeArguments(learnt, args, this, plan.transfer, plan.kept);
    const isLent = taken instanceof CallArguments;
    this.items = isLent ? undefined : taken;
    this.shape = leaves ? learnt.shapes?.fitted : undefined;
    this.lent = isLent ? taken : undefined;
    this.isPlain = isSimple && !isLent && plan.detach !== true;
    this.promise = new Promise(capture);
    this.resolve = captured.resolve;
    this.reject = captured.reject;
    this.limits = isLimited
      ? new LimitWatch(plan, definition.name || 'The function', (reason) => this.abort(reason))
      : undefined;
  }

  /** The function's name, for use in a sentence. */
  get name(): string {
    return this.definition.name || 'the function';
  }

  /** Whether a timeout is certain to end the call: its own, or that of a signal. */
  get hasClock(): boolean {
    return this.plan.timeout !== Infinity || hasClock(this.plan.signal) || this.lent?.hasClock === true;
  }

  /** How values that its thread sends are restored. */
  get scope(): IncomingScope {
    return { resolveClass: (name) => classNamed(this.definition, name) };
  }

  /** The stack of its caller, if that was kept. */
  get callerStack(): string | undefined {
    const { stack } = this.caller;
    return typeof stack === 'string' ? stack : undefined;
  }

  /** The time at which the call was made. */
  get madeAt(): number {
    return this.caller.at;
  }

  /** Adds an observer. */
  observe(observer: CallObserver): void {
    this.observer = this.observer ? both(this.observer, observer) : observer;
  }

  /** Restores an item of its stream; throws what a `[fromThread]` method of the user's throws. */
  restore({ values, holes }: ArrivedItem): unknown {
    return holes ? unpack(values, holes, this.scope)[0] : values[0];
  }

  /** Called when the call is submitted later than it was made: waiting counts from now. */
  submitted(): void {
    const made = this.caller;
    this.caller = {
      at: now(),
      get stack() {
        return made.stack;
      },
    };
  }

  /** Called when the generator is told to end: `closeTimeout` now replaces the `timeout`. */
  closing(): void {
    this.limits?.stopClock();
  }

  /** Called when the call was given up but may still end by itself: however it ends, observers count it as given up. */
  gaveUp(reason: unknown): void {
    if (this.observer) this.observer = endedBy(endingBy(reason, 'aborted'), this.observer);
  }

  /** Called when the call was sent to a thread, under the `id` that the lane gave it. */
  sent(id: number, threadId: number | undefined): void {
    this.sentAs = id;
    this.observer?.sent?.(threadId);
    this.limits?.sent();
  }

  /** Called when the thread is done with the call, or has ended: ends the loan of arguments and callbacks. */
  finished(): void {
    this.lent?.release();
    this.bridge?.release();
  }

  /**
   * Settles the call with the return `value` of the function, which ran for `ran` milliseconds; the answer arrived at
   * the time `at`.
   */
  returned(value: unknown, ran?: number, at?: number): void {
    if (this.isPlain && this.bridge === undefined && !this.settled) {
      this.settled = true;
      this.observer?.settled('returned', waitOf(this.caller, ran, at), ran);
      this.resolve(value);
      return;
    }
    this.succeed(value, ran, at, this.lent?.sources?.close());
    this.finished();
  }

  /**
   * Resolves with `value` once `closing` has settled, so that errors of closing the iterable arguments are not lost.
   */
  succeed(value: unknown, ran?: number, at?: number, closing?: Promise<Failure | undefined>): void {
    if (closing) void this.#succeedAfter(closing, value, ran, at);
    else if (this.#settle(undefined, ran, at)) this.resolve(value);
  }

  async #succeedAfter(closing: Promise<Failure | undefined>, value: unknown, ran?: number, at?: number): Promise<void> {
    this.limits?.stopClock();
    const failure = await closing;
    if (failure) this.fail(failure.error, ran, at);
    else this.succeed(value, ran, at);
  }

  fail(reason: unknown, ran?: number, at?: number): void {
    if (!this.#settle({ error: reason }, ran, at)) return;
    if (reason instanceof OffloopError) joinStacks(reason, this.callerStack);
    this.bridge?.abortAll(reason);
    this.reject(reason);
  }

  /**
   * As {@link fail}, for an error of the function if no caller's stack was kept: adds the stack of the awaiting code.
   */
  failAwaited(error: Error, ran: number, at: number): void {
    if (this.#settle({ error }, ran, at)) rejectAwaited(error, this.resolve, this.reject);
  }

  /** Gives the call up: rejects with `reason` now, whatever the thread does. */
  abort(reason: unknown): void {
    if (this.settled) return;
    this.holder?.seek?.(this);
    (this.bridge ??= new CallBridge()).givenUp = { reason };
    this.fail(reason);
    this.holder?.gone(this, reason);
  }

  /**
   * Called when an iterable argument has failed by itself. If the call was not sent yet, it fails; else `next()`
   * throws.
   */
  sourceFailed(error: unknown): void {
    if (this.sentAs === 0) this.abort(error);
  }

  #settle(failure: Failure | undefined, ran?: number, at?: number): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.limits?.end();
    if (this.observer) {
      const waited = waitOf(this.caller, ran, at);
      this.observer.settled(failure ? this.#endingBy(failure, ran) : 'returned', waited, ran);
    }
    // While a thread still runs the function, its signals and callbacks have to stay.
    if (this.sentAs === 0) this.finished();
    return true;
  }

  #endingBy({ error }: Failure, ran: number | undefined): Ending {
    // A function that has run has thrown the error itself.
    if (ran !== undefined) return 'threw';
    return endingBy(error, this.plan.signal?.aborted ? 'aborted' : 'threw');
  }
}

/** How long a call waited that ran for `ran` milliseconds and was answered at the time `at`, if it ran. */
function waitOf(caller: Caller, ran: number | undefined, at: number | undefined): number | undefined {
  return ran === undefined || at === undefined ? undefined : Math.max(0, at - caller.at - ran);
}

/**
 * The functions that settle the promise made last. They are captured by one shared function, to save a closure per
 * call.
 */
const captured: PromiseParts = { resolve: () => undefined, reject: () => undefined };

function capture(resolve: PromiseParts['resolve'], reject: PromiseParts['reject']): void {
  captured.resolve = resolve;
  captured.reject = reject;
}

interface PromiseParts {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}
