/** Sends any call to a thread: plain ones the short way, all others the general one. @module */

import { now } from '../../base/clock.ts';
import type { Hole } from '../../codec/walk/hole.ts';
import { poll } from '../../wait/poll.ts';
import { Pace } from '../../wire/cost.ts';
import * as down from '../../wire/down.ts';
import type { DownRecord } from '../../wire/messages.ts';
import type { Call } from '../call.ts';
import type { StreamLine } from '../stream-line.ts';
import { isBrief, isHeld, isQuick, plainArguments } from '../travel.ts';
import type { LaneParts, SendingLane } from './parts.ts';
import { fullMessage } from './plain-calls.ts';
import type { PlainCalls } from './plain-calls.ts';

/**
 * Sends calls to one thread.
 *
 * Invariant: a call whose arguments cannot cross has failed, and nothing of it was sent.
 */
export class Sender {
  readonly #lane: SendingLane & StreamLine<Call>;
  readonly #plain: PlainCalls;
  readonly #calls: LaneParts['calls'];
  readonly #loads: LaneParts['loads'];
  readonly #wire: LaneParts['wire'];
  readonly #told: LaneParts['told'];
  readonly #departures: LaneParts['departures'];
  readonly #waits: LaneParts['waits'];

  /** `plain` is the short way. */
  constructor(
    lane: SendingLane & StreamLine<Call>,
    { calls, loads, wire, told, departures, waits }: LaneParts,
    plain: PlainCalls,
  ) {
    this.#lane = lane;
    this.#plain = plain;
    this.#calls = calls;
    this.#loads = loads;
    this.#wire = wire;
    this.#told = told;
    this.#departures = departures;
    this.#waits = waits;
  }

  /**
   * Sends `call`; gives whether it is outstanding now. If its arguments cannot cross, it has failed instead. `isFirst`
   * says whether the thread may have to look its function up: see {@link Loads.has}.
   */
  send(call: Call, isFirst: boolean = !this.#loads.has(call.definition.id)): boolean {
    const at = now();
    if (!isFirst && call.isPlain && isQuick(call)) {
      this.#plain.send(call, at);
      return true;
    }
    const { definition, lent } = call;
    const calls = this.#calls;
    const wire = this.#wire;
    const { outbox } = wire;
    const id = calls.next;
    const pace = isBrief(call) ? Pace.brief : isQuick(call) ? Pace.quick : Pace.slow;
    try {
      // What is lent is posted at once, and takes along what waits: there is something left to plan for only if it fails.
      if (lent) this.#departures.renew();
      else this.#departures.plan(pace);
      if (call.context !== this.#told.context) this.#told.takeOver(call.context);
      if (isFirst) this.#told.define(definition);
      if (pace === Pace.brief)
        outbox.addToRun(id, definition.id, definition.id, 0, call.items as unknown[], call.shape);
      else if (!lent) outbox.add(recordOf(id, call, plainArguments(call) as unknown[], undefined));
      // Post at once: so arguments that cannot cross are refused here, and not together with other calls in `flush`.
      else lent.deliver((values, holes, transfer) => outbox.send(recordOf(id, call, values, holes), transfer));
    } catch (error) {
      if (lent) this.#departures.plan(pace);
      call.fail(error);
      return false;
    }
    if (calls.size === 0) this.#lane.progress = at;
    call.sent(id, wire.threadId);
    calls.add(call, pace);
    if (isFirst) this.#loads.sent(definition, id);
    if (isHeld(call)) wire.hold();
    call.stream?.attached(this.#lane);
    if (lent?.hasSignals) lent.onAbort = () => this.#waits.wake(call);
    // As in `PlainCalls.send`.
    if (pace !== Pace.slow && (this.#plain.follows(at) || calls.quick > 1)) poll(this.#lane);
    if (outbox.size > fullMessage) outbox.flush();
    return true;
  }
}

/** Makes the record of the call `id`. */
function recordOf(
  id: number,
  { definition, plan, stream }: Call,
  args: unknown[],
  holes: Hole[] | undefined,
): DownRecord {
  if (stream) return down.streamCall(id, definition.id, args, holes, stream.offer);
  return down.call(id, definition.id, args, holes, plan.timeout !== Infinity);
}
