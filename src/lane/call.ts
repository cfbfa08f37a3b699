/** One call on its way: from the moment it is made until its promise has settled. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transferable } from 'node:worker_threads';
import type { Definition } from '../address/registry.ts';
import { scopeValue } from '../address/captures.ts';
import { after } from '../clock.ts';
import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import { HandleTable } from '../codec/handles.ts';
import type { Hole } from '../codec/hole.ts';
import { onAbort } from '../codec/on-abort.ts';
import { explain } from '../codec/refusal.ts';
import { look, LARGE, SPECIAL } from '../codec/look.ts';
import { pack } from '../codec/pack.ts';
import { exportSignal } from '../codec/signals.ts';
import { joinStacks } from '../codec/stacks.ts';
import { unpack } from '../codec/unpack.ts';
import { OffloopError } from '../errors.ts';
import { isCloneError } from './post.ts';

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

/** What is posted of a call: its values, how to restore them, and what moves. */
export type Post = (values: unknown[], holes: Hole[] | undefined, transfer: readonly Transferable[]) => void;

/** Functions whose arguments once needed the complete walk: they take it from then on. */
const walkers = new WeakSet<Definition>();

let nextId = 0;

/**
 * A call. Its arguments are taken as they are at the moment it is made, whether it is sent at once or waits.
 *
 * Invariant: `settled` becomes true once, together with the promise; what comes later is dropped.
 */
export class Call {
  readonly id: number = (nextId = (nextId + 1) | 0 || 1);
  readonly definition: Definition;
  readonly plan: CallPlan;
  readonly promise: Promise<unknown>;

  /** Whether the function was given an `AbortSignal` and so may end by itself when it fires. */
  cooperative = false;
  settled = false;

  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;
  #values: unknown[];
  #holes: Hole[] | undefined;
  #transfer: readonly Transferable[];

  /** Whether `#values` hold objects of the caller's, which may change once the caller goes on. */
  #isLive = false;
  #handles: HandleTable | undefined;
  #releases: (() => void)[] = [];
  #onGone: (() => void) | undefined;
  readonly #caller: { stack?: string } | undefined;

  constructor(definition: Definition, args: unknown[], plan: CallPlan, caller?: { stack?: string }) {
    this.definition = definition;
    this.plan = plan;
    this.#caller = caller;
    this.#transfer = plan.transfer ?? [];
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#values = args;
    const seen = walkers.has(definition) || this.#transfer.length > 0 ? SPECIAL : look(args);
    if (seen === SPECIAL) this.#walk();
    else if (seen === LARGE) this.#isLive = true;
    else this.#values = seen;
    const { signal } = plan;
    if (signal) this.#releases.push(onAbort(signal, () => this.abort(signal.reason)));
  }

  /** Gives the arguments to `post`, which must take them before it returns. */
  deliver(post: Post): void {
    this.#retrying(() => post(this.#values, this.#holes, this.#transfer));
  }

  /** Takes a copy of the arguments now, for a call that cannot be sent in the turn in which it is made. */
  keep(): void {
    if (!this.#isLive) return;
    this.#retrying(() => {
      const parts: [unknown[], Hole[] | undefined, readonly Transferable[]] = [
        this.#values,
        this.#holes,
        this.#transfer,
      ];
      [this.#values, this.#holes, this.#transfer] = structuredClone(parts, {
        transfer: [...this.#transfer] as ArrayBuffer[],
      });
    });
    this.#isLive = false;
  }

  /** Whether the arguments can be sent once more: they are copies, and nothing of them moved. */
  get resendable(): boolean {
    return !this.#isLive && this.#transfer.length === 0;
  }

  /** Calls `listener` when the promise settles before an answer came: by abort, time-out or a released pool. */
  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  /** Starts the clock of `queueTimeout`. */
  waiting(): void {
    const { queueTimeout } = this.plan;
    if (queueTimeout === Infinity || this.settled) return;
    const text = `${this.#label} waited longer than its queueTimeout: ${queueTimeout} ms`;
    const timer = after(queueTimeout, () => this.abort(new OffloopError('ERR_OFFLOOP_QUEUE_TIMEOUT', text)));
    this.#releases.push(() => timer.cancel());
    this.#stopWaiting = () => timer.cancel();
  }

  #stopWaiting: (() => void) | undefined;

  /** Stops the clock of `queueTimeout`: a thread has the call. */
  sent(): void {
    this.#stopWaiting?.();
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
    const [value] = holes ? unpack(values, holes, this.#incoming) : values;
    if (!loose || !this.#handles) return this.resolve(value);
    this.#handles.settled(loose).then(
      () => this.resolve(value),
      (error) => this.fail(error),
    );
  }

  /** Settles with what the function threw. */
  threw(thrown: unknown): void {
    if (this.settled) return;
    const error = unpackThrown(thrown as PackedThrown, this.#incoming);
    if (error instanceof Error) joinStacks(error, this.#callerStack());
    this.fail(error);
  }

  /** Calls the function behind a handle. */
  callHandle(
    handleId: number,
    replyId: number,
    args: unknown[],
    holes: Hole[] | undefined,
  ): Promise<unknown> | undefined {
    if (!this.#handles || this.settled) return undefined;
    return this.#handles.call(handleId, replyId, holes ? unpack(args, holes, this.#incoming) : args);
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

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    for (const release of this.#releases) release();
    this.#releases = [];
    this.#handles = undefined;
    this.#values = [];
    this.#holes = undefined;
    this.#transfer = [];
    return true;
  }

  #walk(): void {
    walkers.add(this.definition);
    const given = this.plan.transfer ?? [];
    const packed = pack(this.#values, {
      root: 'args',
      transfer: new Set<object>(given as object[]),
      exportFunction: (fn) => this.#exportFunction(fn),
      exportSignal: (signal) => {
        const exported = exportSignal(signal);
        this.cooperative = true;
        // After the abort that settles the call, the signal's own message still has to leave.
        this.#releases.push(() => queueMicrotask(() => exported.dispose()));
        return exported.ticket;
      },
    });
    this.#values = packed.values;
    this.#holes = packed.holes;
    this.#transfer = [...given, ...packed.transfer.filter((item) => !given.includes(item))];
    this.#isLive = true;
  }

  #exportFunction(fn: Function): number {
    this.#handles ??= new HandleTable(AsyncLocalStorage.snapshot());
    return this.#handles.exportFunction(fn);
  }

  #retrying(cross: () => void): void {
    try {
      cross();
    } catch (error) {
      if (!isCloneError(error)) throw error;
      // Walked already, or what moves is gone: nothing is left to try.
      if (this.#holes || walkers.has(this.definition)) throw explain(this.#values, error, 'args');
      this.#walk();
      try {
        cross();
      } catch (again) {
        throw isCloneError(again) ? explain(this.#values, again, 'args') : again;
      }
    }
  }
}
