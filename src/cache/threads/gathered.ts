/** Gathers the writes of a thread on their way to the main side. @module */

import { afterMicrotasks, Promise } from '../../base/intrinsics.ts';
import { runningCall } from '../../wait/running-call.ts';
import type { RunningCall } from '../../wait/running-call.ts';
import { PackedWrites } from './writes.ts';
import type { Write } from './writes.ts';

/** From so many bytes on, writes are sent at once. */
const mostBytes = 64 * 1024;

/** How many messages may be under way before the thread blocks until the main side has caught up. */
const mostUnderWay = 64;

/** Sends packed writes to the main side, waiting or not. */
export interface Sending {
  send(bytes: Uint8Array): PromiseLike<unknown>;
  sendSync(bytes: Uint8Array): void;
}

/**
 * The outcome of the writes of one message. If nobody awaits it, it stays with the call that made the writes, which then
 * waits for them and rejects as they do.
 */
class Outcome extends Promise<void> {
  /** The reply of the main side, once the message was sent. */
  #reply: PromiseLike<unknown> | undefined;
  #isAwaited = false;
  #settle!: { resolve(): void; reject(error: unknown): void };

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static make(): Outcome {
    let settle!: { resolve(): void; reject(error: unknown): void };
    const outcome = new Outcome((resolve, reject) => (settle = { resolve, reject }));
    outcome.#settle = settle;
    return outcome;
  }

  // A property with the built-in type: a method would have to repeat all of its type parameters.
  override then: Promise<void>['then'] = (...listeners) => {
    this.#isAwaited = true;
    this.#follow();
    return Promise.prototype.then.apply(this, listeners as never) as never;
  };

  /** `isKept`: whether a call sees to the reply that nobody awaits. */
  wasSent(reply: PromiseLike<unknown>, isKept: boolean): void {
    this.#reply = reply;
    if (this.#isAwaited || !isKept) this.#follow();
  }

  fail(error: unknown): void {
    this.#settle.reject(error);
  }

  done(): void {
    this.#settle.resolve();
  }

  #follow(): void {
    const reply = this.#reply;
    this.#reply = undefined;
    const { resolve, reject } = this.#settle;
    reply?.then(() => resolve(), reject);
  }
}

/**
 * Writes of one turn become one message.
 *
 * Invariant: while there are writes that were not sent, they are sent at the end of the turn, before the thread waits, and
 * before the call is answered, whichever is first.
 */
export class Gathered {
  readonly #sending: Sending;
  readonly #writes = new PackedWrites();
  #outcome: Outcome | undefined;
  #underWay = 0;

  /** The call that will flush before it pauses. */
  #told: RunningCall | undefined;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  /** Adds a write; gives the promise of all writes of the message. */
  add(write: Write): Promise<void> {
    const outcome = (this.#outcome ??= this.#begin());
    this.#writes.add(write);
    if (this.#writes.size >= mostBytes) this.flush();
    return outcome;
  }

  /** Sends the writes that there are. */
  flush(): void {
    const outcome = this.#outcome;
    if (!outcome) return;
    this.#outcome = undefined;
    const bytes = this.#writes.take();
    try {
      if (this.#underWay >= mostUnderWay) {
        this.#sending.sendSync(bytes);
        outcome.done();
        return;
      }
      this.#underWay += 1;
      const reply = this.#sending.send(bytes);
      outcome.wasSent(reply, runningCall() !== undefined);
      this.#count(reply);
    } catch (error) {
      outcome.fail(error);
    }
  }

  #begin(): Outcome {
    afterMicrotasks(() => this.flush());
    const call = runningCall();
    if (call && call !== this.#told) {
      this.#told = call;
      call.beforePause(() => {
        this.#told = undefined;
        this.flush();
      });
    }
    return Outcome.make();
  }

  #count(reply: PromiseLike<unknown>): void {
    const over = (): void => void (this.#underWay -= 1);
    // The reply's own `then` would count as awaiting it.
    void Promise.prototype.then.call(reply, over, over);
  }
}
