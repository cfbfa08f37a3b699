/** The short way of plain calls to a thread, and of their answers. @module */

import { poll } from '../../wait/poll.ts';
import { noteCost, Pace } from '../../wire/cost.ts';
import { headWidth, runTag } from '../../wire/messages.ts';
import type { Call } from '../call.ts';
import type { LaneParts, SendingLane } from './parts.ts';

/** Calls that follow each other within this time, in milliseconds, are a series: results of one are looked for. */
const soon = 1;

/** A message with more fields is sent in the middle of a turn, so that the thread works while more calls are made. */
export const fullMessage = 512;

/** How many fields a message has that answers one call by one value. */
const loneWidth = headWidth + 1;

/**
 * Sends plain calls of functions that are known to take microseconds: most calls of a program, of which most are run by an
 * interpreter. So this way has few functions; what it does is a part of what `Sender.send` and `Answers.read` do.
 *
 * Invariant: a call leaves at once if none of the calls before it is outstanding and they had no company; otherwise with
 * the others of its turn.
 */
export class PlainCalls {
  readonly #calls: LaneParts['calls'];
  readonly #wire: LaneParts['wire'];
  readonly #told: LaneParts['told'];
  readonly #departures: LaneParts['departures'];
  readonly #waits: LaneParts['waits'];
  readonly #answers: LaneParts['answers'];
  readonly #lane: SendingLane;

  /** The time at which the last quick call was sent. */
  #sentAt = 0;

  constructor(lane: SendingLane, { calls, wire, told, departures, waits, answers }: LaneParts) {
    this.#lane = lane;
    this.#calls = calls;
    this.#wire = wire;
    this.#told = told;
    this.#departures = departures;
    this.#waits = waits;
    this.#answers = answers;
  }

  /**
   * Reads `message`, which arrived at the time `at`, if that is nothing but the plain answer to one plain call; gives
   * `false` if not.
   */
  receive(message: unknown[], at: number): boolean {
    if (message.length !== loneWidth || message[0] !== runTag || message[4] !== 1) return false;
    const call = this.#calls.takePlain(message[1] as number);
    if (call === undefined) return false;
    const time = message[2] as number;
    const answers = this.#answers;
    this.#wire.release();
    if (this.#waits.wereThere) this.#waits.forget(call);
    answers.count += 1;
    answers.ran += time;
    call.returned(message[headWidth], time, at);
    noteCost(call.definition.learnt, time);
    return true;
  }

  /** Whether a call that is sent at the time `at` follows another one so soon that its result is to be looked for. */
  follows(at: number): boolean {
    const before = this.#sentAt;
    this.#sentAt = at;
    return at - before < soon;
  }

  /** Sends `call`, which is plain and quick, and whose function the thread has, at the time `at`. */
  send(call: Call, at: number): void {
    const calls = this.#calls;
    const wire = this.#wire;
    const { outbox } = wire;
    const { definition, items, shape } = call;
    const id = calls.next;
    const before = calls.quick;
    const isAlone = before === 0;
    const leavesNow = isAlone && outbox.lastRun <= 1;
    // The first of its message: those that follow it in the turn are planned for, and looked for, with it.
    const isFirst = outbox.records.length === 0;
    if (isFirst && !leavesNow) this.#departures.plan(Pace.brief);
    if (call.context !== this.#told.context) this.#told.takeOver(call.context);
    if (leavesNow) outbox.sendRun(id, definition.id, items as unknown[], shape);
    else outbox.addToRun(id, definition.id, definition.id, 0, items as unknown[], shape);
    if (calls.size === 0) this.#lane.progress = at;
    wire.hold();
    // As `Call.sent`, for a call that nothing limits.
    call.sentAs = id;
    call.observer?.sent?.(wire.threadId);
    calls.add(call, Pace.brief);
    // A call that comes alone does not tell when the next one comes: look for results only where calls follow each other.
    if (isAlone ? at - this.#sentAt < soon : isFirst || before === 1) poll(this.#lane);
    this.#sentAt = at;
    if (outbox.records.length > fullMessage) outbox.flush();
  }
}
