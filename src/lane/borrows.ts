/** What a running call has of the main side's: callbacks and signals, until it ends. @module */

import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import { createHandle, HandleReply } from '../codec/handles.ts';
import type { Hole } from '../codec/hole.ts';
import { Up } from './messages.ts';
import type { UpRecord } from './messages.ts';
import { importSignal } from '../codec/signals.ts';
import { unpack } from '../codec/unpack.ts';
import type { IncomingScope } from '../codec/unpack.ts';
import type { Outbox } from './outbox.ts';
import { postValues } from './post.ts';
import { RemoteItems } from './remote-items.ts';

/** What borrows need of the lane. */
export interface BorrowLine {
  /** Reads the messages that have arrived. */
  pull(): void;

  /** Whether the call was given up. */
  isAborted(): boolean;
}

interface Pending {
  readonly reply: HandleReply;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/**
 * The callbacks and signals of one call.
 *
 * Invariant: after `release` every handle rejects with `ERR_OFFLOOP_HANDLE_RELEASED`, and no signal follows any more.
 */
export class CallBorrows {
  readonly scope: IncomingScope;

  readonly #callId: number;
  readonly #outbox: Outbox<UpRecord>;

  /** Calls without an answer, and failed ones that nobody has taken yet. */
  readonly #pending = new Map<number, Pending>();
  #failure: { readonly error: unknown; readonly reply: HandleReply } | undefined;
  readonly #disposals: (() => void)[] = [];
  readonly #iterables = new Map<number, RemoteItems>();
  #aborted: { readonly reason: unknown } | undefined;
  #nextReply = 0;
  #isReleased = false;

  constructor(
    callId: number,
    outbox: Outbox<UpRecord>,
    resolveClass: (name: string) => unknown,
    { pull, isAborted }: BorrowLine,
  ) {
    this.#callId = callId;
    this.#outbox = outbox;
    this.scope = {
      resolveClass,
      importFunction: (handleId) =>
        createHandle(
          (args) => this.#send(handleId, args),
          () => this.#isReleased,
        ),
      importIterable: (ticket) => {
        const items = new RemoteItems(ticket, {
          ask: (id) => outbox.send([Up.askSource, callId, id, undefined, undefined, undefined]),
          pull,
          aborted: () => {
            if (!this.#aborted && isAborted()) pull();
            return this.#aborted;
          },
          restore: (values, holes) => (holes ? unpack(values, holes as Hole[], this.scope)[0] : values[0]),
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

  /** The handle calls whose results nobody took: the main side waits for them and reports what they throw. */
  loose(): number[] | undefined {
    const ids = [...this.#pending].filter(([, { reply }]) => !reply.taken).map(([id]) => id);
    return ids.length > 0 ? ids : undefined;
  }

  /** What kept a call of a handle from being sent at all, if nobody took notice. */
  failure(): { readonly error: unknown } | undefined {
    return this.#failure?.reply.taken ? undefined : this.#failure;
  }

  reply(replyId: number, values: unknown[], holes: Hole[] | undefined): void {
    const pending = this.#pending.get(replyId);
    this.#pending.delete(replyId);
    const [value] = holes ? unpack(values, holes, this.scope) : values;
    pending?.resolve(value);
  }

  fault(replyId: number, thrown: unknown): void {
    const pending = this.#pending.get(replyId);
    // It may still be taken; if not, the main side reports it.
    if (pending?.reply.taken) this.#pending.delete(replyId);
    pending?.reject(unpackThrown(thrown as PackedThrown, this.scope));
  }

  /** The iterable `id` of the arguments, which has something to be told. */
  iterable(id: number): RemoteItems | undefined {
    return this.#iterables.get(id);
  }

  /** The call was given up: what awaits an answer or an item is not to wait on. */
  interrupt(reason: unknown): void {
    this.#aborted ??= { reason };
    for (const items of this.#iterables.values()) items.interrupt(reason);
    for (const [replyId, { reply, reject }] of this.#pending) {
      if (!reply.taken) continue;
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

  #send(handleId: number, args: unknown[]): HandleReply {
    const replyId = (this.#nextReply += 1);
    let settlers!: Omit<Pending, 'reply'>;
    const reply = new HandleReply((resolve, reject) => (settlers = { resolve, reject }));
    reply.quiet();
    try {
      postValues(args, 'args', (values, holes, transfer) => {
        const record: UpRecord = [Up.handleCall, this.#callId, [replyId, handleId], values, holes, undefined];
        this.#outbox.send(record, transfer);
      });
      this.#pending.set(replyId, { reply, ...settlers });
    } catch (error) {
      this.#failure ??= { error, reply };
      settlers.reject(error);
    }
    return reply;
  }
}
