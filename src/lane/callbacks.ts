/** Runs the callbacks of calls on the main side, and answers the threads that called them. @module */

import { packThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { Down } from './messages.ts';
import type { DownRecord } from './messages.ts';
import type { Call } from './call.ts';
import type { Outbox } from './outbox.ts';
import { postResult } from './post.ts';

/** The callbacks of the calls of one lane. */
export class Callbacks {
  /** Whether one was ever run: if not, no call can wait for one. */
  wereRun = false;

  readonly #outbox: Outbox<DownRecord>;
  readonly #onWait: () => void;

  /** `onWait` is called when a call may have begun to wait. */
  constructor(outbox: Outbox<DownRecord>, onWait: () => void) {
    this.#outbox = outbox;
    this.#onWait = onWait;
  }

  /**
   * Runs the callback `handleId` of `call`. It is answered even if the call was given up: while its thread winds it up, it
   * may wait for that.
   */
  run(call: Call, [replyId, handleId]: [number, number], args: unknown[], holes: Hole[] | undefined): void {
    this.wereRun = true;
    const result = call.callHandle(handleId, replyId, args, holes);
    this.#onWait();
    result.then(
      (value) => this.#reply(call, replyId, value),
      (error) => this.#fault(call, replyId, error),
    );
  }

  #reply(call: Call, replyId: number, value: unknown): void {
    try {
      postResult(value, false, (values, holes, transfer) =>
        this.#outbox.send([Down.reply, call.sentAs, replyId, values, holes, undefined], transfer),
      );
    } catch (error) {
      this.#fault(call, replyId, error);
    }
  }

  #fault(call: Call, replyId: number, error: unknown): void {
    this.#outbox.send([Down.fault, call.sentAs, replyId, packThrown(error), undefined, undefined]);
  }
}
