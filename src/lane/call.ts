/** One call on its way: from the moment it is made until its promise has settled. @module */

import type { Transferable } from 'node:worker_threads';
import type { Definition } from '../address/registry.ts';
import { scopeValue } from '../address/captures.ts';
import { unreachable } from '../address/unreachable.ts';
import { after, now } from '../clock.ts';
import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import { releasedError } from '../codec/handles.ts';
import type { Hole } from '../codec/hole.ts';
import { onAbort } from '../codec/on-abort.ts';
import { joinStacks } from '../codec/stacks.ts';
import { unpack } from '../codec/unpack.ts';
import { OffloopError } from '../errors.ts';
import { CallArguments } from './arguments.ts';

/** How a call is to be made; all durations in milliseconds, `Infinity` for none. */
export interface CallPlan {
  readonly signal?: AbortSignal | undefined;
  readonly timeout: number;
  readonly queueTimeout: number;
  readonly priority: number;
  readonly key?: string | number | undefined;
  readonly transfer?: readonly Transferable[] | undefined;

  /** Whether the process may end while the call is out. */
  readonly detach?: boolean | undefined;
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

  settled = false;

  /** Its place among all calls of its pool. */
  order = 0;

  /** The id that the lane gave it. */
  sentAs = -1;

  /** Whether it was sent as a short one. */
  isShort = false;

  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;
  readonly #args: CallArguments;
  #releases: (() => void)[] = [];
  #onGone: (() => void) | undefined;
  #stopWaiting: (() => void) | undefined;
  #waitsUntil: number | undefined;
  #isSent = false;
  readonly #caller: { stack?: string } | undefined;

  constructor(definition: Definition, args: unknown[], plan: CallPlan, caller?: { stack?: string }) {
    this.definition = definition;
    this.plan = plan;
    this.#caller = caller;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#args = new CallArguments(definition, args, plan.transfer);
    const { signal } = plan;
    if (signal) this.#releases.push(onAbort(signal, () => this.abort(signal.reason)));
  }

  /** The arguments, until the call has settled or was given up. */
  get args(): CallArguments {
    return this.#args;
  }

  /** The function's name, as it reads in a sentence. */
  get name(): string {
    return this.definition.name || 'the function';
  }

  /** Whether the function was given an `AbortSignal` and so may end by itself when it fires. */
  get cooperative(): boolean {
    return this.#args.hasSignals;
  }

  /** Calls `listener` when the promise settles before an answer came: by abort, time-out or a released pool. */
  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  /** Starts the clock of `queueTimeout`, or lets it go on if the call is back in line. */
  waiting(): void {
    const { queueTimeout } = this.plan;
    if (queueTimeout === Infinity || this.settled) return;
    const text = `${this.#label} waited longer than its queueTimeout: ${queueTimeout} ms`;
    this.#waitsUntil ??= now() + queueTimeout;
    const left = Math.max(0, this.#waitsUntil - now());
    const timer = after(left, () => this.abort(new OffloopError('ERR_OFFLOOP_QUEUE_TIMEOUT', text)));
    this.#releases.push(() => timer.cancel());
    this.#stopWaiting = () => timer.cancel();
  }

  /** Stops the clock of `queueTimeout`: a thread has the call. */
  sent(id: number, isShort: boolean): void {
    this.sentAs = id;
    this.isShort = isShort;
    this.#isSent = true;
    this.#stopWaiting?.();
  }

  /** The thread is done with the call, or has ended: what was lent to it is taken back. */
  finished(): void {
    this.#args.release();
  }

  /** Starts the clock of `timeout`: the function has started. */
  started(): void {
    const { timeout } = this.plan;
    if (this.settled) return;
    const text = `${this.#label} ran longer than its timeout: ${timeout} ms`;
    const timer = after(timeout, () => this.abort(new OffloopError('ERR_OFFLOOP_TIMEOUT', text)));
    this.#releases.push(() => timer.cancel());
  }

  /** Settles with what the function returned. `loose` are the callbacks whose results nobody took. */
  returned(values: unknown[], holes: Hole[] | undefined, loose: readonly number[] | undefined): void {
    if (this.settled) return;
    let value: unknown;
    try {
      [value] = holes ? unpack(values, holes, this.#incoming) : values;
    } catch (error) {
      // A class of the user's may refuse what it is to be made of.
      return this.fail(error);
    }
    const { handles } = this.#args;
    if (!loose || !handles) return this.resolve(value);
    handles.settled(loose).then(
      () => this.resolve(value),
      (error) => this.fail(error),
    );
  }

  /** Settles with what the function threw. */
  threw(thrown: unknown): void {
    if (this.settled) return;
    const error = unpackThrown(thrown as PackedThrown, this.#incoming);
    if (error instanceof Error) joinStacks(error, this.#callerStack());
    if (isNotFound(error) && this.definition.site.inside !== undefined) void this.#failUnreachable();
    else this.fail(error);
  }

  /** Calls the function behind a handle; rejects if the call has settled and its thread is only winding it up. */
  callHandle(handleId: number, replyId: number, args: unknown[], holes: Hole[] | undefined): Promise<unknown> {
    const { handles } = this.#args;
    if (!handles || this.settled) return Promise.reject(releasedError());
    return handles.call(handleId, replyId, holes ? unpack(args, holes, this.#incoming) : args);
  }

  resolve(value: unknown): void {
    if (this.#settle()) this.#resolve(value);
  }

  fail(reason: unknown): void {
    if (this.#settle()) this.#reject(reason);
  }

  /** Rejects with `reason` now, whatever the thread does. */
  abort(reason: unknown): void {
    if (this.settled) return;
    this.fail(reason);
    this.#onGone?.();
  }

  get #label(): string {
    return this.definition.name || 'The function';
  }

  get #incoming(): { resolveClass(name: string): unknown } {
    return { resolveClass: (name) => scopeValue(this.definition.fn, name) };
  }

  #callerStack(): string | undefined {
    const stack = this.#caller?.stack;
    return typeof stack === 'string' ? stack : undefined;
  }

  /** Only this side has the function, and can tell what it uses of those around it. */
  async #failUnreachable(): Promise<void> {
    this.fail(await unreachable(this.definition));
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    for (const release of this.#releases) release();
    this.#releases = [];
    // A thread that still runs the function may yet hear of its signals.
    if (!this.#isSent) this.finished();
    return true;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof OffloopError && error.code === 'ERR_OFFLOOP_NOT_FOUND';
}
