/** One call on its way: from the moment it is made until its promise has settled. @module */

import type { Definition } from '../address/registry.ts';
import { scopeValue } from '../address/captures.ts';
import { unreachable } from '../address/unreachable.ts';
import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import { now } from '../base/clock.ts';
import { releasedError } from '../codec/handles.ts';
import type { Hole } from '../codec/hole.ts';
import { hasClock } from '../codec/clocked.ts';
import { inflate, mouldOf } from '../codec/shape.ts';
import type { Branch } from '../codec/shape.ts';
import { joinStacks, rejectAwaited } from '../codec/stacks.ts';
import { unpack } from '../codec/unpack.ts';
import { carry, enter, restore } from '../context/carried.ts';
import type { Carried } from '../context/carried.ts';
import { keptHere, outside } from '../context/here.ts';
import type { RunThere } from '../context/here.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import type { Failure } from '../channel/held-way.ts';
import { CallArguments, takeArguments } from './arguments.ts';
import type { Post } from './arguments.ts';
import type { CallObserver, CallPlan, Caller, CallTrace } from './call-plan.ts';
import type { ArrivedItem, CallStream } from '../channel/call-stream.ts';
import type { StreamLine } from './stream-line.ts';
import { CallbackRuns } from './callback-runs.ts';
import { Pace, shortCost } from '../wire/cost.ts';
import { isLimited, LimitWatch } from './limits.ts';
import type { SourceLine } from './source.ts';
import { withSignal } from '../wait/running-call.ts';
import { callWithin, runWithin } from '../context/within.ts';

/** What a call has to do with what its thread calls back. */
interface Bridge {
  /** The caller's context, if it is kept: where coroutines run. */
  there?: RunThere;
  runs?: CallbackRuns;

  /** Why it was given up, and whether its thread was told. */
  givenUp?: { readonly reason: unknown };
  isInterrupted?: boolean;
}

/** The owner of a call that waits or runs: told when it is given up. */
export interface CallHolder {
  gone(call: Call, reason: unknown): void;
}

/** How a callback is called. */
export interface CallBack {
  readonly args: unknown[];
  readonly holes: Hole[] | undefined;

  /** What the thread has changed of the context. */
  readonly context: Carried | undefined;

  /** Whether the thread blocks until it has settled. */
  readonly isWaitedFor: boolean;

  /** Gives the signal that `callSignal()` gives in it. */
  readonly signal: () => AbortSignal;
}

/**
 * A call. Its arguments are taken as they are at the moment it is made, whether it is sent at once or waits.
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

  settled = false;

  /** Its place among all calls of its pool. */
  order = 0;

  /** The one thread that may run it; `undefined` if any may. */
  place: number | undefined;

  /** The id that the lane gave it last; `0` if it was never sent. */
  sentAs = 0;

  /** How it was sent last. */
  pace: Pace = Pace.slow;

  holder: CallHolder | undefined;
  observer: CallObserver | undefined;
  stream: CallStream<StreamLine> | undefined;
  trace: CallTrace | undefined;

  /** What {@link items} stand for, if they are primitives of which the arguments are made. */
  readonly shape: Branch | undefined;

  /** The values themselves, where nobody can change them and nothing of them is lent: most calls need nothing more. */
  readonly #args: unknown[] | CallArguments;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  #caller: Caller;
  readonly #limits: LimitWatch | undefined;

  /** What few calls have, together: a call that has less of its own is sooner collected. */
  #bridge: Bridge | undefined;

  constructor(definition: Definition, args: unknown[], plan: CallPlan, caller: Caller) {
    this.definition = definition;
    this.plan = plan;
    this.#caller = caller;
    this.depth = (callWithin()?.depth ?? -1) + 1;
    this.context = carry();
    const there = keptHere();
    if (there) this.#bridge = { there };
    // Also if calls take long just now: a call that a busy machine held up says nothing of the calls after it.
    const { learnt } = definition;
    const leaves = isAlone(plan) ? undefined : learnt.shapes?.takeApart(args);
    if (leaves) this.shape = learnt.shapes?.fitted;
    this.#args = leaves ?? takeArguments(learnt, args, this, plan.transfer);
    this.promise = new Promise(capture);
    ({ resolve: this.#resolve, reject: this.#reject } = captured);
    if (isLimited(plan)) this.#limits = new LimitWatch(plan, this.#label, (reason) => this.abort(reason));
  }

  /** The arguments if they are copies of which nothing is lent; else see `deliver`. */
  get plain(): unknown[] | undefined {
    const { items, shape } = this;
    return items && shape ? (inflate(mouldOf(shape), items, 0) as unknown[]) : items;
  }

  /** The same, or the primitives of which they are made: see {@link shape}. */
  get items(): unknown[] | undefined {
    return this.#args instanceof CallArguments ? undefined : this.#args;
  }

  /**
   * Whether it may travel in a run with others, of which each is known to take microseconds. Not if it may be ended while
   * it runs: results that wait in the thread would be lost with it.
   */
  get isBrief(): boolean {
    return this.isQuick && !isAlone(this.plan) && this.items !== undefined;
  }

  /** Whether a thread may be sent it before it is free: it is small, can be taken back, and no clock runs meanwhile. */
  get isMovable(): boolean {
    return this.items !== undefined && this.stream === undefined && this.plan.queueTimeout === Infinity;
  }

  /** Whether its function is known to take microseconds, so that looking for its result costs less than being woken. */
  get isQuick(): boolean {
    return this.definition.learnt.cost < shortCost && this.stream === undefined;
  }

  /** Whether it can be posted once more: all that was sent are copies, and nothing of them moved. */
  get isResendable(): boolean {
    return this.#lent?.resendable !== false && this.stream?.isResendable !== false;
  }

  /** Whether it keeps the process alive while it is out. */
  get isHeld(): boolean {
    return this.stream ? this.stream.isHeld : this.plan.detach !== true;
  }

  /** Restores an item of its stream; throws what a class of the user's does that refuses what it is to be made of. */
  restore({ values, holes }: ArrivedItem): unknown {
    return holes ? unpack(values, holes, this.#incoming)[0] : values[0];
  }

  /** Gives the arguments to `post`, which must take them before it returns. */
  deliver(post: Post): void {
    this.#lent?.deliver(post);
  }

  /** Copies the arguments now, for a call that cannot be sent in the turn in which it is made. */
  keep(): void {
    this.#lent?.keep();
  }

  /** Copies the arguments so that they can be sent twice, but for what can only move. */
  spare(): void {
    this.#lent?.spare();
  }

  /** Its thread has given up before it began, and has sent back what had moved there. */
  handedBack(...parts: Parameters<CallArguments['restore']>): void {
    this.#lent?.restore(...parts);
  }

  /** The function's name, as it reads in a sentence. */
  get name(): string {
    return this.definition.name || 'the function';
  }

  /** Whether the function is in a position to end by itself: it was given an `AbortSignal`, or awaits a callback. */
  get isCooperative(): boolean {
    return this.isBlocked || this.hasSignals || this.#lent?.sources !== undefined;
  }

  /** Whether it waits, as far as this side can tell, for what a callback of it gives. */
  get isBlocked(): boolean {
    const lent = this.#lent;
    return this.#bridge?.runs?.areActive === true || lent?.sources?.isAwaited === true;
  }

  /** Whether something is sure to end it: its own clock, or one of a signal that it has. */
  get hasClock(): boolean {
    return this.plan.timeout !== Infinity || hasClock(this.plan.signal) || this.#lent?.hasClock === true;
  }

  /** Whether its thread was told that it was given up. */
  get isInterrupted(): boolean {
    return this.#bridge?.isInterrupted === true;
  }

  /** Its thread is told now that it was given up. */
  interrupted(): void {
    (this.#bridge ??= {}).isInterrupted = true;
  }

  /** The callbacks and coroutines that run for it. */
  get runs(): CallbackRuns {
    const bridge = (this.#bridge ??= {});
    return (bridge.runs ??= new CallbackRuns());
  }

  /** Whether there is an `AbortSignal` among its arguments. */
  get hasSignals(): boolean {
    return this.#lent?.hasSignals === true;
  }

  /** The function of its arguments that has the id `id`. */
  lentFunction(id: number): Function | undefined {
    return this.#lent?.handles?.get(id);
  }

  /** Calls `tell` when a signal of the arguments was aborted, and the thread can see it. */
  onSignal(tell: () => void): void {
    if (this.#lent) this.#lent.onAbort = tell;
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
    this.#limits?.stopClock();
  }

  /** It was given up, and may still end by itself: whatever it gives then, it has failed. */
  gaveUp(): void {
    const { observer } = this;
    if (observer) this.observer = (_, waited, ran) => observer(false, waited, ran);
  }

  /** Starts the clock of `queueTimeout`, or lets it go on if the call is back in line. */
  waiting(): void {
    if (!this.settled) this.#limits?.waiting();
  }

  /** Stops the clock of `queueTimeout`: a thread has the call. */
  sent(id: number, pace: Pace, threadId: number | undefined): void {
    this.sentAs = id;
    if (this.trace) this.trace.threadId = threadId;
    this.pace = pace;
    this.#limits?.sent();
  }

  /** The thread is done with the call, or has ended: what was lent to it is taken back. */
  finished(): void {
    this.#takeBack(this.#lent);
  }

  /** Its thread has ended. */
  lost(error: unknown): void {
    this.#bridge?.runs?.abortAll(error);
    this.finished();
  }

  /** Starts the clock of `timeout`: the function has started. */
  started(): void {
    if (!this.settled) this.#limits?.started();
  }

  /**
   * The thread is done, and the function has returned `value`; it ran for `ran` milliseconds, and the answer arrived at
   * `at`. Settles with that.
   */
  returned(value: unknown, ran?: number, at?: number): void {
    const lent = this.#lent;
    const closing = lent?.sources?.close();
    if (closing) void this.#settleAfter(closing, value, ran, at);
    else if (this.#settle(true, ran, at)) this.#resolve(value);
    this.#takeBack(lent);
  }

  /** As `returned`, with values that are to be restored, or callbacks (`loose`) whose results nobody took. */
  returnedMore(
    packed: unknown[],
    holes: Hole[] | undefined,
    loose: readonly number[] | undefined,
    ran: number,
    at: number,
  ): void {
    const lent = this.#lent;
    if (!this.settled) void this.#settleRestored(lent?.sources?.close(), packed, holes, loose, ran, at);
    this.#takeBack(lent);
  }

  /** Settles with what the function threw. */
  threw(thrown: unknown, ran: number, at: number): void {
    if (this.settled) return;
    const error = unpackThrown(thrown as PackedThrown, this.#incoming);
    const stack = this.#callerStack();
    if (error instanceof Error) joinStacks(error, stack);
    if (isNotFound(error) && this.definition.site.inside !== undefined) void this.#failUnreachable();
    else if (stack !== undefined || !(error instanceof Error)) this.fail(error, ran, at);
    else if (this.#settle(false, ran, at)) rejectAwaited(error, this.#resolve, this.#reject);
  }

  /**
   * Calls `fn` for the thread, in the caller's context and with what the thread has changed of it. Throws what it throws,
   * and if the call has settled and its thread is only winding it up.
   */
  callBack(fn: Function | Promise<Function> | undefined, how: CallBack): unknown {
    // A wait that began before the thread could hear of the abort is interrupted by it.
    const { givenUp } = this.#bridge ?? {};
    if (givenUp && how.isWaitedFor && !this.isInterrupted) throw givenUp.reason;
    if (fn === undefined || this.settled) throw releasedError();
    if (fn instanceof Promise) return fn.then((found) => this.callBack(found, how));
    const { args, holes, context, signal } = how;
    const values = holes ? unpack(args, holes, this.#incoming) : args;
    const run = (): unknown => runWithin(this, () => withSignal(signal, () => Reflect.apply(fn, undefined, values)));
    const there = this.#bridge?.there ?? this.#lent?.there ?? outside;
    return there(context ? () => enter(restore(context), run) : run);
  }

  /** An iterable of the arguments has failed by itself. A call that no thread has is not sent; others hear of it as they ask. */
  sourceFailed(error: unknown): void {
    if (this.sentAs === 0) this.abort(error);
  }

  /** The thread wants items of an iterable of the arguments, or has closed it. */
  askSource(sourceId: number, line: SourceLine): void {
    this.#lent?.sources?.ask(sourceId, line, (run) => runWithin(this, run));
  }

  /** A thread that blocks for an item sees that the call was given up. */
  wakeSources(): void {
    this.#lent?.sources?.wake();
  }

  fail(reason: unknown, ran?: number, at?: number): void {
    if (!this.#settle(false, ran, at)) return;
    this.#bridge?.runs?.abortAll(reason);
    this.#reject(reason);
  }

  /** Rejects with `reason` now, whatever the thread does. */
  abort(reason: unknown): void {
    if (this.settled) return;
    (this.#bridge ??= {}).givenUp = { reason };
    this.fail(reason);
    this.holder?.gone(this, reason);
  }

  get #lent(): CallArguments | undefined {
    return this.#args instanceof CallArguments ? this.#args : undefined;
  }

  get #label(): string {
    return this.definition.name || 'The function';
  }

  get #incoming(): { resolveClass(name: string): unknown } {
    return { resolveClass: (name) => scopeValue(this.definition.fn, name) };
  }

  #callerStack(): string | undefined {
    const { stack } = this.#caller;
    return typeof stack === 'string' ? stack : undefined;
  }

  /** Only this side has the function, and can tell what it uses of those around it. */
  async #failUnreachable(): Promise<void> {
    this.fail(await unreachable(this.definition));
  }

  async #settleRestored(
    closing: Promise<Failure | undefined> | undefined,
    packed: unknown[],
    holes: Hole[] | undefined,
    loose: readonly number[] | undefined,
    ran: number,
    at: number,
  ): Promise<void> {
    try {
      // A class of the user's may refuse what it is to be made of.
      const [value] = holes ? unpack(packed, holes, this.#incoming) : packed;
      if (loose) await this.#bridge?.runs?.settled(loose);
      if (closing) await this.#settleAfter(closing, value, ran, at);
      else if (this.#settle(true, ran, at)) this.#resolve(value);
    } catch (error) {
      this.fail(error, ran, at);
    }
  }

  /** Settles once the iterables of the arguments are closed: what they fail with then is not lost. */
  async #settleAfter(closing: Promise<Failure | undefined>, value: unknown, ran?: number, at?: number): Promise<void> {
    this.#limits?.stopClock();
    const failure = await closing;
    if (failure) this.fail(failure.error, ran, at);
    else if (this.#settle(true, ran, at)) this.#resolve(value);
  }

  #takeBack(lent: CallArguments | undefined): void {
    lent?.release();
    const runs = this.#bridge?.runs;
    if (runs?.areActive) runs.abortAll(releasedError());
  }

  #settle(isReturned: boolean, ran?: number, at?: number): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.#limits?.end();
    if (this.observer || this.trace) this.#tell(isReturned, ran, at);
    // A thread that still runs the function may yet hear of its signals.
    if (this.sentAs === 0) this.finished();
    return true;
  }

  #tell(isReturned: boolean, ran: number | undefined, at: number | undefined): void {
    const waited = ran === undefined || at === undefined ? undefined : Math.max(0, at - this.#caller.at - ran);
    this.observer?.(isReturned, waited, ran);
    if (this.trace) Object.assign(this.trace, { waitTime: waited, runTime: ran });
  }
}

/** Whether a call cannot travel with others. */
function isAlone({ signal, timeout, transfer }: CallPlan): boolean {
  return signal !== undefined || timeout !== Infinity || (transfer !== undefined && transfer.length > 0);
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

function isNotFound(error: unknown): boolean {
  return error instanceof OffloopError && error.code === 'ERR_OFFLOOP_NOT_FOUND';
}
