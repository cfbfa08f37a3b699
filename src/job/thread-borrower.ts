/** Borrows dedicated threads from the main side for the calls that this thread makes. @module */

import { setImmediate } from '../base/clock.ts';
import { unpackThrown } from '../codec/errors/codec.ts';
import type { PackedThrown } from '../codec/errors/codec.ts';
import { Promise } from '../base/intrinsics.ts';
import { Down } from '../wire/messages.ts';
import type { Fields, UpRecord } from '../wire/messages.ts';
import type { LaneOffer } from '../wire/offer.ts';
import type { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';
import type { Standby } from '../wire/thread-source.ts';
import type { ThreadEnd, ThreadEndReason, ThreadWish } from '../wire/thread-end.ts';

interface Request {
  /** Resolves the request with a thread. */
  grant(near: LaneOffer, threadId: number): void;
  refuse(error: unknown): void;
  end(end: ThreadEnd): void;
}

/** The requests of this thread, and the threads that it has borrowed. */
export class ThreadBorrower {
  readonly #outbox: Outbox<UpRecord>;
  readonly #requests = new Map<number, Request>();
  #nextId = 0;

  constructor(outbox: Outbox<UpRecord>) {
    this.#outbox = outbox;
  }

  /** Asks for a thread; rejects with the reason if there is none. */
  async borrow(wish: ThreadWish): Promise<Standby> {
    const id = (this.#nextId += 1);
    return new Promise((resolve, reject) => {
      let end!: (end: ThreadEnd) => void;
      const ended = new Promise<ThreadEnd>((settle) => (end = settle));
      const terminate = (reason: ThreadEndReason): void => this.#end(id, reason);
      const idle = (): void => undefined;
      this.#requests.set(id, {
        grant: (near, threadId) => resolve({ near, threadId, ended, terminate, ref: idle, unref: idle }),
        refuse: reject,
        end,
      });
      this.#outbox.send(up.wantThread(id, wish));
    });
  }

  /** Called when the main side has sent a record about a request. */
  hear(tag: number, id: number, [first, second, third]: Fields): void {
    const request = this.#requests.get(id);
    if (tag === Down.thread) return request?.grant(first as LaneOffer, second as number);
    this.#requests.delete(id);
    if (tag === Down.noThread) return request?.refuse(unpackThrown(first as PackedThrown, {}));
    const cause = third === undefined ? undefined : unpackThrown(third as PackedThrown, {});
    request?.end({ exitCode: first as number, threadId: second as number, cause });
    // By the next turn, the last notes of the ended thread have been passed on.
    setImmediate(() => this.#end(id, undefined));
  }

  #end(id: number, reason: ThreadEndReason | undefined): void {
    this.#outbox.send(up.endThread(id, reason));
  }
}
