/**
 * The arguments of a call: taken as they are when the call is made, and sent at once or kept until it is sent. @module
 */

import type { Transferable } from 'node:worker_threads';
import { copyBytes } from '../../codec/memory/copy-bytes.ts';
import { HandleTable } from '../../codec/live/handles.ts';
import type { Hole } from '../../codec/walk/hole.ts';
import { look, LARGE, SPECIAL } from '../../codec/quick/look.ts';
import { assertMovable } from '../../codec/memory/movable.ts';
import { pack } from '../../codec/walk/pack.ts';
import { memberArguments } from '../../codec/walk/path.ts';
import { hasClock } from '../../codec/live/clocked.ts';
import { explain } from '../../codec/walk/refusal.ts';
import { Shapes } from '../../codec/quick/shapes.ts';
import type { Learnt } from '../../codec/quick/learnt.ts';
import { exportSignal } from '../../codec/live/signals.ts';
import { takeHere } from '../../context/here.ts';
import type { RunThere } from '../../context/here.ts';
import { queueMicrotask, structuredClone } from '../../base/intrinsics.ts';
import { shortCost } from '../../wire/cost.ts';
import type { KeptFunctions } from './kept-functions.ts';
import { isCloneError } from '../../wire/post.ts';
import { closeIterables } from './refused.ts';
import { Sources } from './sources.ts';
import type { Lender } from './sources.ts';

/** Posts the arguments of a call: their values, the holes to fill, and the transfer list. */
export type Post = (values: unknown[], holes: Hole[] | undefined, transfer: readonly Transferable[]) => void;

/**
 * Takes `values`, with the transfer list `transfer`, as they are now: gives copies if they are small and plain.
 * `learnt` has the facts learnt from earlier arguments of the function. If `values` are refused, iterables among them
 * are closed.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if a part of `values` cannot cross; the error names its path.
 */
export function takeArguments(
  learnt: Learnt,
  values: unknown[],
  lender: Lender,
  transfer: readonly Transferable[] = none,
  kept?: KeptFunctions,
): unknown[] | CallArguments {
  if (transfer.length > 0) assertMovable(transfer, (i) => `transfer[${i}]`);
  const seen = learnt.needsWalk ? SPECIAL : look(values);
  // The objects to transfer are in the values themselves, not in their copies.
  if (seen === SPECIAL || seen === LARGE || transfer.length > 0)
    return new CallArguments(learnt, values, transfer, seen === SPECIAL, lender, kept);
  if (seen !== values && learnt.cost < shortCost) (learnt.shapes ??= new Shapes()).learn(seen);
  return seen;
}

const none: readonly Transferable[] = [];

/**
 * The arguments, with the functions, signals and iterables among them, which are lent to the thread until `release`.
 *
 * Invariant: while `#isLive`, the values contain objects of the caller's; they are posted or copied in the turn in
 * which the call is made, before the caller can change them.
 */
export class CallArguments {
  /** The functions among the arguments; `undefined` if there are none. */
  handles: HandleTable | undefined;

  /** The iterables among the arguments; `undefined` if there are none. */
  sources: Sources | undefined;

  /** The context in which lent functions and iterables run. */
  there: RunThere | undefined;

  /** Called when one of the signals was aborted, after its flag in shared memory was set. */
  onAbort: (() => void) | undefined;

  readonly #learnt: Learnt;
  readonly #lender: Lender;

  /** The table of the functions among the arguments, if the thread may keep these longer than the call. */
  readonly #kept: KeptFunctions | undefined;
  #values: unknown[];
  #holes: Hole[] | undefined;
  #transfer: readonly Transferable[];
  #isLive = false;
  #isBack = false;
  #isWalked = false;
  readonly #signals: (() => void)[] = [];
  #hasClock = false;

  /** @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, if the walk is needed. */
  constructor(
    learnt: Learnt,
    values: unknown[],
    transfer: readonly Transferable[],
    needsWalk: boolean,
    lender: Lender,
    kept: KeptFunctions | undefined,
  ) {
    this.#learnt = learnt;
    this.#lender = lender;
    this.#kept = kept;
    this.#values = values;
    this.#transfer = transfer;
    this.#isLive = true;
    const copied = needsWalk || transfer.length > 0 ? undefined : copyBytes(values);
    if (copied) {
      this.#values = copied.values;
      this.#transfer = copied.transfer;
      this.#isLive = false;
    } else if (needsWalk) this.#walk();
  }

  /** Whether there is an `AbortSignal` among the arguments. */
  get hasSignals(): boolean {
    return this.#signals.length > 0;
  }

  /** Whether one of the signals has a timeout, so that it will certainly be aborted. */
  get hasClock(): boolean {
    return this.#hasClock;
  }

  /**
   * Whether the arguments can be posted once more: they are copies without a transfer list, or the thread sent them
   * back.
   */
  get resendable(): boolean {
    return this.#isBack || (!this.#isLive && this.#transfer.length === 0);
  }

  /** Takes the arguments back that the thread sent back unused. */
  restore(values: unknown[], holes: Hole[] | undefined, transfer: readonly Transferable[]): void {
    [this.#values, this.#holes, this.#transfer] = [values, holes, transfer];
    this.#isLive = false;
    this.#isBack = true;
  }

  /** Passes the arguments to `post`, which has to post them before it returns. */
  deliver(post: Post): void {
    this.#isBack = false;
    for (;;) {
      try {
        return post(this.#values, this.#holes, this.#transfer);
      } catch (error) {
        this.#walkAfter(error);
      }
    }
  }

  /**
   * Copies the arguments now, and transfers the transfer list, for a call that is not sent in the turn in which it is
   * made.
   */
  keep(): void {
    while (this.#isLive) {
      try {
        const parts = [this.#values, this.#holes, this.#transfer] as const;
        const copies = structuredClone(parts, { transfer: [...this.#transfer] as ArrayBuffer[] });
        [this.#values, this.#holes, this.#transfer] = copies;
        this.#isLive = false;
      } catch (error) {
        this.#walkAfter(error);
      }
    }
  }

  /**
   * Copies the arguments so that they can be posted more than once, unless the transfer list has more than
   * `ArrayBuffer`s.
   */
  spare(): void {
    this.keep();
    if (this.#transfer.every((item) => item instanceof ArrayBuffer)) this.#transfer = none;
  }

  /** Ends the loan of functions, signals and iterables, and drops the values. */
  release(): void {
    // Dispose of signals in a microtask: after an abort, the message of the signal still has to be sent.
    if (this.#signals.length > 0) for (const dispose of this.#signals.splice(0)) queueMicrotask(dispose);
    this.handles = undefined;
    void this.sources?.close();
    this.sources = undefined;
    this.#values = [];
    this.#holes = undefined;
    this.#transfer = [];
  }

  #walk(): void {
    this.#isWalked = true;
    this.#learnt.needsWalk = true;
    try {
      this.#pack();
    } catch (error) {
      closeIterables(this.#values, this.#transfer);
      this.release();
      throw error;
    }
  }

  get #root(): string {
    return this.#kept ? memberArguments : 'args';
  }

  #pack(): void {
    const packed = pack(this.#values, {
      root: this.#root,
      transfer: new Set(this.#transfer as readonly object[]),
      exportFunction: (fn) => {
        this.there ??= takeHere();
        return (this.#kept ?? (this.handles ??= new HandleTable())).exportFunction(fn);
      },
      exportIterable: (iterable) => {
        this.there ??= takeHere();
        return (this.sources ??= new Sources(this.there, this.#lender)).exportIterable(iterable);
      },
      exportSignal: (signal) => {
        const { ticket, dispose } = exportSignal(signal, () => this.onAbort?.());
        this.#hasClock ||= hasClock(signal);
        this.#signals.push(dispose);
        return ticket;
      },
    });
    this.#values = packed.values;
    this.#holes = packed.holes;
    this.#transfer = packed.transfer;
    this.#isLive = true;
  }

  /** After a refusal by structured clone, takes the complete walk, once; any other refusal is final. */
  #walkAfter(error: unknown): void {
    if (isCloneError(error) && !this.#isWalked) return this.#walk();
    closeIterables(this.#values, this.#transfer);
    throw isCloneError(error) ? explain(this.#values, error, this.#root, this.#transfer) : error;
  }
}
