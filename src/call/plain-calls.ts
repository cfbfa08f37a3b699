/** The short way of plain calls to a thread. @module */

import { poll } from '../wait/poll.ts';
import { Pace } from '../wire/cost.ts';
import type { Wire } from '../wire/wire.ts';
import type { Call } from './call.ts';
import type { Departures } from './departures.ts';
import type { Introductions } from './introductions.ts';
import type { Outstanding } from './outstanding.ts';

/** Calls that follow each other within this time, in milliseconds, are a series: results of one are looked for. */
const soon = 1;

/** A message with more fields is sent in the middle of a turn, so that the thread works while more calls are made. */
export const fullMessage = 512;

/** The lane of the calls. */
interface PlainLane {
  progress: number;
  look(): boolean;
  rest(): void;
}

/** What a lane has for the calls that it sends. */
export interface Sending {
  readonly calls: Outstanding;
  readonly wire: Wire;
  readonly told: Introductions;
  readonly departures: Departures;
}

/**
 * Sends plain calls of functions that are known to take microseconds: most calls of a program, of which most are run by an
 * interpreter. So this way has few functions; what it does is a part of what `Lane.send` does.
 *
 * Invariant: a call leaves at once if none of the calls before it is outstanding and they had no company; otherwise with
 * the others of its turn.
 */
export class PlainCalls {
  readonly #calls: Outstanding;
  readonly #wire: Wire;
  readonly #told: Introductions;
  readonly #departures: Departures;
  readonly #lane: PlainLane;

  /** The time at which the last plain call was sent. */
  #sentAt = 0;

  constructor(lane: PlainLane, { calls, wire, told, departures }: Sending) {
    this.#lane = lane;
    this.#calls = calls;
    this.#wire = wire;
    this.#told = told;
    this.#departures = departures;
  }

  /** Sends `call`, which is plain and quick, and whose function the thread has, at the time `at`. */
  send(call: Call, at: number): void {
    const calls = this.#calls;
    const wire = this.#wire;
    const { outbox } = wire;
    const { definition, items, shape } = call;
    const id = calls.next;
    const isAlone = calls.quick === 0;
    const leavesNow = isAlone && outbox.lastRun <= 1;
    // Before anything is added: the outbox is flushed once, when it is not empty any more.
    if (!leavesNow) this.#departures.plan(Pace.brief);
    if (call.context !== this.#told.context) this.#told.takeOver(call.context);
    if (leavesNow) outbox.sendRun(id, definition.id, items as unknown[], shape);
    else outbox.addToRun(id, definition.id, definition.id, 0, items as unknown[], shape);
    if (calls.size === 0) this.#lane.progress = at;
    wire.hold();
    call.sent(id, wire.threadId);
    calls.add(call, Pace.brief);
    // A call that comes alone does not tell when the next one comes: look for results only where calls follow each other.
    if (!isAlone || at - this.#sentAt < soon) poll(this.#lane);
    this.#sentAt = at;
    if (!leavesNow && outbox.size > fullMessage) outbox.flush();
  }
}
