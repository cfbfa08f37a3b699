/** Takes calls back from a thread: those that it has not started, and all of them when it ends. @module */

import { recover } from '../../wait/holders.ts';
import { LaneWord } from '../../wire/control.ts';
import { exitError } from '../../wire/exit-error.ts';
import type { ThreadEnd } from '../../wire/thread-end.ts';
import type { Call } from '../call.ts';
import { isResendable } from '../travel.ts';
import type { OfferedCalls } from './offered-calls.ts';
import type { LaneParts } from './parts.ts';
import type { Standing } from './standing.ts';

/** The lane of the calls. */
interface RecoveringLane {
  readonly offered: OfferedCalls;
  readonly standing: Standing;

  /** Called when `call` is no longer outstanding. */
  forget(call: Call): void;
}

/**
 * Gets the calls of one lane back.
 *
 * Invariant: a call that is given back is not outstanding, was not begun, and can be sent again.
 */
export class Recovery {
  /** Whether the thread ended while it ran a call, so that the call was told of the end. */
  endedInCall = false;

  readonly #lane: RecoveringLane;
  readonly #calls: LaneParts['calls'];
  readonly #loads: LaneParts['loads'];
  readonly #wire: LaneParts['wire'];
  readonly #waits: LaneParts['waits'];
  readonly #answers: LaneParts['answers'];

  constructor(lane: RecoveringLane, { calls, loads, wire, waits, answers }: LaneParts) {
    this.#lane = lane;
    this.#calls = calls;
    this.#loads = loads;
    this.#wire = wire;
    this.#waits = waits;
    this.#answers = answers;
  }

  /**
   * Takes back the calls that the thread has not started, in order, if all can be sent again. A call with large or
   * transferred arguments cannot: it is only ever sent to a thread with no call before it, and stays there.
   */
  takeBack(): Call[] {
    this.#lane.offered.settle();
    const { control } = this.#wire;
    const end = this.#calls.next;
    for (;;) {
      const next = Atomics.load(control, LaneWord.next);
      if (next === end || !this.#areFree(next, end)) return [];
      if (Atomics.compareExchange(control, LaneWord.next, next, end) !== next) continue;
      this.#loads.takenBack(next);
      const taken: Call[] = [];
      for (let id = next; id !== end; id = (id + 1) | 0) {
        const call = this.#calls.get(id);
        if (!call) continue;
        this.#lane.forget(call);
        if (call.settled) call.finished();
        else taken.push(call);
      }
      return taken;
    }
  }

  /**
   * Called when the thread was told to end, which may take long: ends the loans of calls that have settled, and the
   * threads that it borrowed.
   */
  reclaim(): void {
    this.#answers.close();
    for (const call of this.#calls.all()) if (call.settled) call.finished();
  }

  /**
   * Settles the calls that were outstanding when the thread ended: by the results that it had sent, or else, for a call
   * that had started, by `ERR_OFFLOOP_WORKER_EXIT`. Gives back the calls that had not started, in order.
   */
  end(end: ThreadEnd): Call[] {
    const { offered, standing } = this.#lane;
    offered.settle();
    this.#wire.drain();
    offered.settle();
    this.#waits.end();
    this.#wire.close();
    this.#answers.end();
    recover(end.threadId);
    const left: Call[] = [];
    for (const call of this.#calls.all()) {
      const hasBegun = standing.hasBegun(call);
      const isLeft = !call.settled && !hasBegun && isResendable(call);
      if (isLeft) left.push(call);
      else {
        this.endedInCall = true;
        const error = exitError(lostWhile(call, hasBegun), end);
        call.fail(error);
        call.bridge?.abortAll(error);
        call.finished();
      }
      call.stream?.detached();
    }
    this.#calls.clear();
    return left;
  }

  /** Whether all calls from `next` to `end` can be sent again: most are not there, if they were offered to others. */
  #areFree(next: number, end: number): boolean {
    for (let id = next; id !== end; id = (id + 1) | 0) if (!isFree(this.#calls.get(id))) return false;
    return true;
  }
}

/** Whether `call`, the first that has not started, can be taken back: it can be sent again, or has settled. */
function isFree(call: Call | undefined): boolean {
  return !call || call.settled || isResendable(call);
}

/**
 * Says when the thread ended, for the error. A call that has not started is lost only if its arguments cannot be
 * resent.
 */
function lostWhile({ name }: Call, hasStarted: boolean): string {
  return hasStarted ? `while it ran ${name}` : `before it ran ${name}, whose arguments are gone`;
}
