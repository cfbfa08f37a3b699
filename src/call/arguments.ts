/** The arguments of a call: taken as they are when it is made, sent at once or kept until it can be. @module */

import type { Transferable } from 'node:worker_threads';
import { copyBytes } from '../codec/copy-bytes.ts';
import { HandleTable } from '../codec/handles.ts';
import type { Hole } from '../codec/hole.ts';
import { look, LARGE, SPECIAL } from '../codec/look.ts';
import { assertMovable } from '../codec/movable.ts';
import { pack } from '../codec/pack.ts';
import { hasClock } from '../codec/clocked.ts';
import { explain } from '../codec/refusal.ts';
import { Shapes } from '../codec/shapes.ts';
import type { Learnt } from '../codec/learnt.ts';
import { exportSignal } from '../codec/signals.ts';
import { takeHere } from '../context/here.ts';
import type { RunThere } from '../context/here.ts';
import { queueMicrotask, structuredClone } from '../base/intrinsics.ts';
import { shortCost } from '../wire/cost.ts';
import { isCloneError } from '../wire/post.ts';
import { closeIterables } from './refused.ts';
import { Sources } from './sources.ts';
import type { Lender } from './sources.ts';

/** What is posted of a call: its values, how to restore them, and what moves. */
export type Post = (values: unknown[], holes: Hole[] | undefined, transfer: readonly Transferable[]) => void;

/**
 * Takes `values`, of which `transfer` is to move, as they are now: gives copies if they are small and plain. `learnt` is
 * what their function has learnt of its arguments. Iterables among values that are refused are closed.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot cross.
 */
export function takeArguments(
  learnt: Learnt,
  values: unknown[],
  lender: Lender,
  transfer: readonly Transferable[] = none,
): unknown[] | CallArguments {
  if (transfer.length > 0) assertMovable(transfer, (i) => `transfer[${i}]`);
  const seen = learnt.needsWalk ? SPECIAL : look(values);
  // What moves is among the values themselves, not among their copies.
  if (seen === SPECIAL || seen === LARGE || transfer.length > 0)
    return new CallArguments(learnt, values, transfer, seen === SPECIAL, lender);
  if (seen !== values && learnt.cost < shortCost) (learnt.shapes ??= new Shapes()).learn(seen);
  return seen;
}

const none: readonly Transferable[] = [];

/**
 * The arguments, and what of the caller's they lend to the thread: functions and signals, until `release`.
 *
 * Invariant: while `#isLive`, the values hold objects of the caller's; they are posted or copied in the very turn of the
 * call, before the caller can change them.
 */
export class CallArguments {
  /** The functions among them; `undefined` if there are none. */
  handles: HandleTable | undefined;

  /** The iterables among them; `undefined` if there are none. */
  sources: Sources | undefined;

  /** The context in which what was lent is run. */
  there: RunThere | undefined;

  /** Called when one of the signals was aborted, and the thread can see it. */
  onAbort: (() => void) | undefined;

  readonly #learnt: Learnt;
  readonly #lender: Lender;
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
  ) {
    this.#learnt = learnt;
    this.#lender = lender;
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

  /** Whether there is an `AbortSignal` among them. */
  get hasSignals(): boolean {
    return this.#signals.length > 0;
  }

  /** Whether time alone will abort one of the signals. */
  get hasClock(): boolean {
    return this.#hasClock;
  }

  /** Whether they can be posted once more: they are copies, and nothing of them moved, or has come back. */
  get resendable(): boolean {
    return this.#isBack || (!this.#isLive && this.#transfer.length === 0);
  }

  /** What was posted has come back as it was, but for its identity. */
  restore(values: unknown[], holes: Hole[] | undefined, transfer: readonly Transferable[]): void {
    [this.#values, this.#holes, this.#transfer] = [values, holes, transfer];
    this.#isLive = false;
    this.#isBack = true;
  }

  /** Gives them to `post`, which must take them before it returns. */
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

  /** Copies them now, for a call that cannot be sent in the turn in which it is made; what is to move, moves. */
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

  /** Copies them, so that they can be posted once more, unless something moves of which there can be no copy. */
  spare(): void {
    this.keep();
    if (this.#transfer.every((item) => item instanceof ArrayBuffer)) this.#transfer = none;
  }

  /** Takes back what was lent, and forgets the rest. */
  release(): void {
    // After an abort, the signal's own message still has to leave.
    for (const dispose of this.#signals.splice(0)) queueMicrotask(dispose);
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

  #pack(): void {
    const packed = pack(this.#values, {
      root: 'args',
      transfer: new Set(this.#transfer as readonly object[]),
      exportFunction: (fn) => {
        this.there ??= takeHere();
        return (this.handles ??= new HandleTable()).exportFunction(fn);
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

  /** What structured clone refuses takes the complete walk, once; any other refusal is final. */
  #walkAfter(error: unknown): void {
    if (isCloneError(error) && !this.#isWalked) return this.#walk();
    closeIterables(this.#values, this.#transfer);
    throw isCloneError(error) ? explain(this.#values, error, 'args', this.#transfer) : error;
  }
}
