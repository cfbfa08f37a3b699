/** One wait of a thread for the answer of a callback. @module */

import type { Wait, WaitPlace } from '../wait/wait-until.ts';
import { Down, recordWidth } from '../wire/messages.ts';

/** What the callback did: it returned a value, or threw an error. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** The lane over which the answer comes. */
interface AnsweringLane {
  readonly control: Int32Array;

  /** Reads the messages that were sent since they were last read. */
  pullNew(): void;
}

/** The call that waits. */
interface WaitingCall {
  /** Throws the reason if the call was given up. */
  throwIfTold(): void;
}

/**
 * The wait, and what receives its answer: one object without closures, as a thread makes one for each blocking call. It
 * has no limits: a wait that has some attempts the same, inside of `block`.
 */
export class AnswerWait implements Wait<Outcome> {
  // Declared, and of TypeScript alone where private: to define each field first would take one more function.
  declare readonly place: WaitPlace;
  declare readonly control: Int32Array;

  /** There is no promise that the function could await. */
  declare readonly reply: undefined;
  declare private readonly lane: AnsweringLane;
  declare private readonly call: WaitingCall;
  declare private readonly callId: number;
  declare private readonly replyId: number;
  declare private outcome: Outcome | undefined;

  /** `place` is the count of the messages of `lane`; `callId` and `replyId` are those that the answer has. */
  constructor(place: WaitPlace, lane: AnsweringLane, call: WaitingCall, callId: number, replyId: number) {
    this.place = place;
    this.control = lane.control;
    this.reply = undefined;
    this.lane = lane;
    this.call = call;
    this.callId = callId;
    this.replyId = replyId;
    this.outcome = undefined;
  }

  /**
   * Reads `message` if it is nothing but the awaited answer, a value that needs no restoring; gives `false` if not. The
   * short way of {@link resolve}.
   */
  takes(message: unknown[]): boolean {
    if (message[0] !== Down.reply || message[2] !== this.replyId || message[1] !== this.callId) return false;
    if (message.length !== recordWidth || message[4] !== undefined) return false;
    this.outcome = { value: (message[3] as unknown[])[0] };
    return true;
  }

  attempt(): Outcome | undefined {
    this.lane.pullNew();
    return this.outcome;
  }

  pause(): number {
    this.call.throwIfTold();
    return Infinity;
  }

  resolve(value: unknown): void {
    this.outcome = { value };
  }

  reject(error: unknown): void {
    this.outcome = { error };
  }
}
