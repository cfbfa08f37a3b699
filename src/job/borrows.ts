/** What a running call has of the main side's: callbacks, signals and iterables, until it ends. @module */

import { packThrown, unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import { createHandle, HandleReply, releasedError } from '../codec/handles.ts';
import type { Hole } from '../codec/hole.ts';
import { importSignal } from '../codec/signals.ts';
import { joinStacks } from '../codec/stacks.ts';
import { unpack } from '../codec/unpack.ts';
import type { IncomingScope } from '../codec/unpack.ts';
import { carryChanges } from '../context/carried.ts';
import type { Entered } from '../context/carried.ts';
import { block } from '../wait/block.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { noteHandle } from './handle-waits.ts';
import { Up } from '../wire/messages.ts';
import type { UpRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';
import type { CallTag } from '../wire/up.ts';
import { postValues } from '../wire/post.ts';
import { RemoteItems } from '../channel/remote-items.ts';
import { WaitWord } from '../wait/words.ts';

/** What borrows need of the lane. */
export interface BorrowLane {
  readonly outbox: Outbox<UpRecord>;
  readonly control: Int32Array;

  /** Reads the messages that have arrived. */
  pull(): void;
}

/** What they need of the call. */
export interface BorrowingCall {
  readonly id: number;

  /** What came along of its caller's context, as it stands now. */
  readonly entered: Entered | undefined;
  resolveClass(name: string): unknown;
}

/** What they need of what the call has to do with the main side. */
export interface BorrowingThread {
  /** Whether the call knows that it was given up. */
  readonly isGivenUp: boolean;

  /** The thread begins to wait. */
  beginWait(): void;
  endWait(): void;
}

/** Somebody who is to hear of an answer; `reply` is what the caller has of it, unless the thread blocks. */
interface Pending {
  readonly reply: HandleReply | undefined;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * The callbacks and signals of one call.
 *
 * Invariant: after `release` every handle rejects with `ERR_OFFLOOP_HANDLE_RELEASED`, and no signal follows any more.
 */
export class CallBorrows {
  readonly scope: IncomingScope;

  readonly #lane: BorrowLane;
  readonly #call: BorrowingCall;
  readonly #thread: BorrowingThread;

  /** Calls without an answer, and failed ones that nobody has taken yet. */
  readonly #pending = new Map<number, Pending>();
  #failure: { readonly error: unknown; readonly reply: HandleReply } | undefined;
  readonly #disposals: (() => void)[] = [];
  readonly #iterables = new Map<number, RemoteItems>();
  #nextReply = 0;
  #isReleased = false;

  constructor(lane: BorrowLane, call: BorrowingCall, thread: BorrowingThread) {
    this.#lane = lane;
    this.#call = call;
    this.#thread = thread;
    const { outbox } = lane;
    this.scope = {
      resolveClass: (name) => call.resolveClass(name),
      importFunction: (handleId) => this.#handle(handleId),
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

  /** The callbacks' calls whose results nobody took: the main side waits for them and reports what they throw. */
  loose(): number[] | undefined {
    if (this.#pending.size === 0) return undefined;
    const ids = [...this.#pending].filter(([, { reply }]) => reply?.taken === false).map(([id]) => id);
    return ids.length > 0 ? ids : undefined;
  }

  /** What kept a callback's call from being sent at all, if nobody took notice. */
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
      // A class of the user's refuses what it is to be made of.
      return pending.reject(error);
    }
    pending.resolve(value);
  }

  fault(replyId: number, thrown: unknown): void {
    const pending = this.#pending.get(replyId);
    // The result may still be taken; if nobody takes it, the main side reports what it is rejected with.
    if (pending?.reply?.taken !== false) this.#pending.delete(replyId);
    pending?.reject(unpackThrown(thrown as PackedThrown, this.scope));
  }

  /** The iterable `id` of the arguments, which has something to be told. */
  iterable(id: number): RemoteItems | undefined {
    return this.#iterables.get(id);
  }

  /** The call was given up: what awaits an answer or an item is not to wait on. */
  interrupt(reason: unknown): void {
    for (const items of this.#iterables.values()) items.interrupt(reason);
    for (const [replyId, { reply, reject }] of this.#pending) {
      // A thread that blocks sees it by itself.
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
      if (!this.#isReleased) this.#failure ??= { error, reply };
      settlers.reject(error);
    }
    return reply;
  }

  /** As `callBack`, and blocks until it is answered; gives or throws what the function does. */
  waitFor(callbackId: number, args: unknown[], options: WaitOptions): unknown {
    if (this.#isReleased) throw releasedError();
    const { control, outbox } = this.#lane;
    const replyId = (this.#nextReply += 1);
    let outcome: Outcome | undefined;
    let seen: number | undefined;
    const attempt = (): Outcome | undefined => {
      const count = Atomics.load(control, WaitWord.down);
      if (count !== seen) this.#lane.pull();
      seen = count;
      return outcome;
    };
    // The thread waits before anybody can know of it.
    this.#thread.beginWait();
    let settled: Outcome;
    try {
      this.#send(options.timeout === undefined ? Up.endlessWait : Up.wait, replyId, callbackId, args);
      this.#pending.set(replyId, {
        reply: undefined,
        resolve: (value) => (outcome = { value }),
        reject: (error) => (outcome = { error }),
      });
      settled = block({ words: control, at: WaitWord.down }, attempt, options, 'an answer of the main side');
    } catch (reason) {
      if (this.#pending.delete(replyId)) outbox.send(up.drop(this.#call.id, replyId, packThrown(reason)));
      throw reason;
    } finally {
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
    const { id, entered } = this.#call;
    postValues(args, 'args', (values, holes, transfer) => {
      const changes = carryChanges(entered);
      if (changes) outbox.add(up.context(id, changes));
      outbox.send(up.callBack(tag, id, replyId, callbackId, values, holes), transfer);
    });
  }
}

/** Where the thread blocks. */
function here(): string | undefined {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, CallBorrows.prototype.waitFor);
  return holder.stack;
}
