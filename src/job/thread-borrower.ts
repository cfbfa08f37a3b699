/** Threads of their own for the calls that this thread makes: the main side is asked for them. @module */

import { setImmediate } from '../base/clock.ts';
import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import { Promise } from '../base/intrinsics.ts';
import { Down } from '../wire/messages.ts';
import type { Fields, UpRecord } from '../wire/messages.ts';
import type { LaneOffer } from '../wire/offer.ts';
import type { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';
import type { Standby } from '../wire/thread-source.ts';
import type { ThreadEnd, ThreadEndReason, ThreadWish } from '../wire/thread-end.ts';

interface Request {
  /** Gives the thread to whoever asked. */
  grant(near: LaneOffer, threadId: number): void;
  refuse(error: unknown): void;
  end(end: ThreadEnd): void;
}

/** What this thread has asked for. */
export class ThreadBorrower {
  readonly #outbox: Outbox<UpRecord>;
  readonly #requests = new Map<number, Request>();
  #nextId = 0;

  constructor(outbox: Outbox<UpRecord>) {
    this.#outbox = outbox;
  }

  /** Asks for a thread; rejects with why there is none. */
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

  /** What the main side says of a request. */
  hear(tag: number, id: number, [first, second, third]: Fields): void {
    const request = this.#requests.get(id);
    if (tag === Down.thread) return request?.grant(first as LaneOffer, second as number);
    this.#requests.delete(id);
    if (tag === Down.noThread) return request?.refuse(unpackThrown(first as PackedThrown, {}));
    const cause = third === undefined ? undefined : unpackThrown(third as PackedThrown, {});
    request?.end({ exitCode: first as number, threadId: second as number, cause });
    // What the thread has told this one is passed on by then.
    setImmediate(() => this.#end(id, undefined));
  }

  #end(id: number, reason: ThreadEndReason | undefined): void {
    this.#outbox.send(up.endThread(id, reason));
  }
}
