/** The callbacks, signals and iterables that a running call borrows from the main side until it ends. @module */

import { packThrown, unpackThrown } from '../codec/errors/codec.ts';
import type { PackedThrown } from '../codec/errors/codec.ts';
import { createHandle, HandleReply, releasedError } from '../codec/live/handles.ts';
import type { Hole } from '../codec/walk/hole.ts';
import { look } from '../codec/quick/look.ts';
import { importSignal } from '../codec/live/signals.ts';
import { joinStacks } from '../codec/errors/stacks.ts';
import { unpack } from '../codec/walk/unpack.ts';
import type { IncomingScope } from '../codec/walk/unpack.ts';
import { carryChanges } from '../context/carried.ts';
import type { Entered } from '../context/carried.ts';
import { contexts } from '../context/in-use.ts';
import { block } from '../wait/block.ts';
import { noOptions } from '../wait/wait-options.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { waitUntil } from '../wait/wait-until.ts';
import type { WaitPlace } from '../wait/wait-until.ts';
import { AnswerWait } from './answer-wait.ts';
import type { Outcome } from './answer-wait.ts';
import { KeptHandles } from './kept-handles.ts';
import type { Borrower } from './kept-handles.ts';
import { noteHandle } from './handle-waits.ts';
import { Up } from '../wire/messages.ts';
import type { UpRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';
import type { CallTag } from '../wire/up.ts';
import { postValues } from '../wire/post.ts';
import { RemoteItems } from '../channel/remote-items.ts';
import { WaitWord } from '../wait/words.ts';

/** The lane, as borrows know it. */
export interface BorrowLane {
  readonly outbox: Outbox<UpRecord>;
  readonly control: Int32Array;

  /** The handles that the objects of the thread may keep, if there are any. */
  kept: KeptHandles | undefined;

  /** The wait whose answer is awaited next, if there is one: it takes its answer the short way. */
  awaited: AnswerWait | undefined;

  /** Whether the call `id` is the one that runs. */
  isRunning(id: number): boolean;

  /** Reads the messages that have arrived. */
  pull(): void;

  /** As `pull`, unless no message was sent since a wait has read them last. */
  pullNew(): void;
}

/** The call, as its borrows know it. */
export interface BorrowingCall {
  readonly id: number;

  /** The part of the caller's context that was sent along, as it is now. */
  readonly entered: Entered | undefined;
  resolveClass(name: string): unknown;
}

/** The exchange of the call with the main side, as its borrows know it. */
export interface BorrowingThread {
  /** Whether this thread was told that the call was given up. */
  readonly isGivenUp: boolean;

  /** Called when the thread begins to wait. */
  beginWait(): void;
  endWait(): void;

  /** Throws the reason, once, if this thread was told that the call was given up. */
  throwIfTold(): void;
}

/** A callback's call that awaits its answer; `reply` is the result that the function got, unless the thread blocks. */
interface Pending {
  readonly reply: HandleReply | undefined;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/**
 * The callbacks and signals of one call.
 *
 * Invariant: after `release` every handle rejects with `ERR_OFFLOOP_HANDLE_RELEASED`, and no signal is aborted any
 * more.
 */
export class CallBorrows implements Borrower {
  readonly scope: IncomingScope;

  readonly #lane: BorrowLane;
  readonly #call: BorrowingCall;
  readonly #thread: BorrowingThread;

  /** Where the thread sleeps until an answer comes. */
  readonly #place: WaitPlace;

  /** Callbacks' calls without an answer, and failed ones that the function has not awaited yet. */
  readonly #pending = new Map<number, Pending>();
  #failure: { readonly error: unknown; readonly reply: HandleReply } | undefined;
  readonly #disposals: (() => void)[] = [];
  readonly #iterables = new Map<number, RemoteItems>();
  #nextReply = 0;
  #isReleased = false;

  /** Whether the call lasts as long as the objects of the thread: errors that nobody awaits are not kept for its end. */
  #lasts = false;

  constructor(lane: BorrowLane, call: BorrowingCall, thread: BorrowingThread) {
    this.#lane = lane;
    this.#call = call;
    this.#thread = thread;
    this.#place = { words: lane.control, at: WaitWord.down };
    const { outbox } = lane;
    this.scope = {
      resolveClass: (name) => call.resolveClass(name),
      importFunction: (handleId) => lane.kept?.take(handleId, this) ?? this.#handle(handleId),
      importIterable: (ticket) => {
        const items = new RemoteItems(ticket, {
          ask: (id) => outbox.send(up.askSource(call.id, id)),
          pull: () => lane.pull(),
          isGivenUp: () => thread.isGivenUp,
          restore: ({ values, holes }) => (holes ? unpack(values, holes, this.scope)[0] : values[0]),
        });
        this.#iterables.set(ticket.id, items);
        return items;
      },
      importSignal: (ticket) => {
        const { signal, dispose } = importSignal(ticket, this.scope);
        this.#disposals.push(dispose);
        return signal;
      },
    };
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  atEnd(action: () => void): void {
    this.#disposals.push(action);
  }

  /** Lets all calls of the lane keep handles, as long as this call lasts. */
  keep(): void {
    this.#lasts = true;
    const { outbox } = this.#lane;
    this.#lane.kept = new KeptHandles(this, (id, times) => outbox.send(up.dropped(this.#call.id, id, times)));
  }

  /**
   * The ids of callbacks' calls that the function did not await: the main side waits for them and reports their errors.
   */
  loose(): number[] | undefined {
    if (this.#pending.size === 0) return undefined;
    const ids = [...this.#pending].filter(([, { reply }]) => reply?.taken === false).map(([id]) => id);
    return ids.length > 0 ? ids : undefined;
  }

  /** The error for which a callback's call could not be sent, if the function did not await that call. */
  failure(): { readonly error: unknown } | undefined {
    return this.#failure?.reply.taken ? undefined : this.#failure;
  }

  reply(replyId: number, values: unknown[], holes: Hole[] | undefined): void {
    const pending = this.#pending.get(replyId);
    if (!pending) return;
    this.#pending.delete(replyId);
    let value: unknown;
    try {
      [value] = holes ? unpack(values, holes, this.scope) : values;
    } catch (error) {
      // A `[fromThread]` method of the user's has thrown.
      return pending.reject(error);
    }
    pending.resolve(value);
  }

  fault(replyId: number, thrown: unknown): void {
    const pending = this.#pending.get(replyId);
    // The function may still await the result; if it does not, the main side reports the error.
    if (this.#lasts || pending?.reply?.taken !== false) this.#pending.delete(replyId);
    pending?.reject(unpackThrown(thrown as PackedThrown, this.scope));
  }

  /** The iterable `id` of the arguments. */
  iterable(id: number): RemoteItems | undefined {
    return this.#iterables.get(id);
  }

  /** Called when the call was given up: rejects the pending answers and items. */
  interrupt(reason: unknown): void {
    for (const items of this.#iterables.values()) items.interrupt(reason);
    for (const [replyId, { reply, reject }] of this.#pending) {
      // A blocking wait checks for this by itself.
      if (!reply?.taken) continue;
      this.#pending.delete(replyId);
      reject(reason);
    }
  }

  release(): void {
    this.#isReleased = true;
    for (const dispose of this.#disposals) dispose();
    this.#pending.clear();
    for (const items of this.#iterables.values()) items.release();
  }

  /** Calls the function of the main side that has the id `callbackId`. */
  callBack(callbackId: number, args: unknown[]): HandleReply {
    const replyId = (this.#nextReply += 1);
    let settlers!: Omit<Pending, 'reply'>;
    const reply = new HandleReply((resolve, reject) => (settlers = { resolve, reject }));
    reply.quiet();
    try {
      if (this.#isReleased) throw releasedError();
      this.#send(Up.callback, replyId, callbackId, args);
      this.#pending.set(replyId, { reply, ...settlers });
    } catch (error) {
      if (!this.#isReleased && !this.#lasts) this.#failure ??= { error, reply };
      settlers.reject(error);
    }
    return reply;
  }

  /** As `callBack`, but blocks until the answer; returns or throws what the function does. */
  waitFor(callbackId: number, args: unknown[], options: WaitOptions): unknown {
    if (this.#isReleased) throw releasedError();
    const replyId = (this.#nextReply += 1);
    const lane = this.#lane;
    const { id } = this.#call;
    const wait = new AnswerWait(this.#place, lane, this.#thread, id, replyId);
    // A kept handle belongs to another call than the one that runs, which may be given up meanwhile.
    const isShort = options === noOptions && lane.isRunning(id);
    const outer = lane.awaited;
    // Note the wait before the callback is sent, so that the main side sees it when it reads the message.
    this.#thread.beginWait();
    let settled: Outcome;
    try {
      this.#send(options.timeout === undefined ? Up.endlessWait : Up.wait, replyId, callbackId, args);
      this.#pending.set(replyId, wait);
      lane.awaited = wait;
      settled = isShort
        ? waitUntil(wait)
        : block(this.#place, () => wait.attempt(), options, 'an answer of the main side');
      this.#pending.delete(replyId);
    } catch (reason) {
      if (this.#pending.delete(replyId)) lane.outbox.send(up.drop(id, replyId, packThrown(reason)));
      throw reason;
    } finally {
      lane.awaited = outer;
      this.#thread.endWait();
    }
    if ('value' in settled) return settled.value;
    joinStacks(settled.error, here());
    throw settled.error;
  }

  #handle(handleId: number): Function {
    const handle = createHandle(
      (args) => this.callBack(handleId, args),
      () => this.#isReleased,
    );
    noteHandle(handle, (args, options) => this.waitFor(handleId, args, options));
    return handle;
  }

  #send(tag: CallTag, replyId: number, callbackId: number, args: unknown[]): void {
    const { outbox } = this.#lane;
    const { id } = this.#call;
    // Primitives need no more than this look, so the short way does without the closures.
    if (look(args) === args) {
      if (contexts.areUsed) this.#addChanges();
      outbox.send(up.callBack(tag, id, replyId, callbackId, args, undefined));
      return;
    }
    postValues(args, 'args', (values, holes, transfer) => {
      this.#addChanges();
      outbox.send(up.callBack(tag, id, replyId, callbackId, values, holes), transfer);
    });
  }

  /** Adds what the thread has changed of the context. A callback that was kept runs in the context of the call that passed it. */
  #addChanges(): void {
    const changes = this.#lasts ? undefined : carryChanges(this.#call.entered);
    if (changes) this.#lane.outbox.add(up.context(this.#call.id, changes));
  }
}

/** The stack of the code that blocks. */
function here(): string | undefined {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, CallBorrows.prototype.waitFor);
  return holder.stack;
}
