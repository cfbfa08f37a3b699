/** The calls that a thread is offered, as others of its pool are: it takes them by itself. @module */

import { now } from '../../base/clock.ts';
import { LaneWord } from '../../wire/control.ts';
import { Pace } from '../../wire/cost.ts';
import * as down from '../../wire/down.ts';
import type { Call } from '../call.ts';
import { isHeld, plainArguments } from '../travel.ts';
import type { LaneParts, SendingLane } from './parts.ts';

/** The calls that the thread may take by itself, as others may. */
export interface SharedCalls {
  /** How many there are. */
  readonly count: number;

  /** Calls {@link OfferedCalls.took} for those that a thread has taken. */
  settle(): void;
}

/** The calls that were offered to one thread. They are outstanding on its lane from when it is known that it took them. */
export class OfferedCalls {
  /** What the thread may take besides the calls that are sent to it alone. */
  shared: SharedCalls | undefined;

  readonly #lane: SendingLane;
  readonly #calls: LaneParts['calls'];
  readonly #wire: LaneParts['wire'];
  readonly #told: LaneParts['told'];
  readonly #departures: LaneParts['departures'];

  constructor(lane: SendingLane, { calls, wire, told, departures }: LaneParts) {
    this.#lane = lane;
    this.#calls = calls;
    this.#wire = wire;
    this.#told = told;
    this.#departures = departures;
  }

  /**
   * Sends `call`, which has small plain arguments and a function that the thread has, with the `ticket` for which other
   * threads may have it. Gives the id that the call has if this thread takes it; `undefined` if it could not be sent.
   */
  offer(call: Call, ticket: number): number | undefined {
    const { definition, plan } = call;
    this.#departures.plan(Pace.slow);
    try {
      if (call.context !== this.#told.context) this.#told.takeOver(call.context);
    } catch {
      // The call fails when it is sent to one thread alone.
      return undefined;
    }
    const id = this.#calls.skip();
    const args = plainArguments(call) as unknown[];
    this.#wire.outbox.add(down.call(id, definition.id, args, undefined, plan.timeout !== Infinity, ticket));
    return id;
  }

  /** Whether the thread has not come across the offered call `id`, and was not told to leave it. */
  mayTake(id: number): boolean {
    return ((Atomics.load(this.#wire.control, LaneWord.next) - id) | 0) <= 0;
  }

  /** How many calls, offered or sent to the thread alone, it has not come across. */
  get unseen(): number {
    return (this.#calls.next - Atomics.load(this.#wire.control, LaneWord.next)) | 0;
  }

  /** Called when it is known that the thread has taken `call`, which was offered under the `id`. */
  took(call: Call, id: number): void {
    if (this.#calls.size === 0) this.#lane.progress = now();
    call.sent(id, this.#wire.threadId);
    this.#calls.addTaken(call);
    if (isHeld(call)) this.#wire.hold();
  }

  /** Finds out which calls the thread has taken: to be called before anything is read that depends on this. */
  settle(): void {
    if (this.shared !== undefined && this.shared.count > 0) this.shared.settle();
  }
}
