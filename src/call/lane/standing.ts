/** Tells how far a thread is with the calls that it was sent. @module */

import { LaneWord } from '../../wire/control.ts';
import type { Call } from '../call.ts';
import { awaitsCallback } from '../travel.ts';
import type { OfferedCalls } from './offered-calls.ts';
import type { LaneParts } from './parts.ts';

/** The standing of the calls of one lane: which have begun, and what the running one waits for. */
export class Standing {
  readonly #control: Int32Array;
  readonly #calls: LaneParts['calls'];
  readonly #loads: LaneParts['loads'];
  readonly #waits: LaneParts['waits'];
  readonly #offered: OfferedCalls;

  constructor({ calls, loads, wire, waits }: LaneParts, offered: OfferedCalls) {
    this.#control = wire.control;
    this.#calls = calls;
    this.#loads = loads;
    this.#waits = waits;
    this.#offered = offered;
  }

  /** Whether the thread runs `call`, which is outstanding, or has run it. */
  hasStarted({ sentAs }: Call): boolean {
    return ((Atomics.load(this.#control, LaneWord.next) - sentAs) | 0) > 0;
  }

  /** Whether the thread runs `call`, or looks up its function. */
  hasBegun(call: Call): boolean {
    return this.hasStarted(call) || this.#loads.isFor(call.sentAs);
  }

  /**
   * How many outstanding calls wait for others of the thread. Calls that take microseconds count as waiting until they are
   * answered.
   */
  get waiting(): number {
    this.#offered.settle();
    const calls = this.#calls;
    const { size } = calls;
    if (size <= 1 || calls.areBrief) return Math.max(0, size - 1);
    return Math.min(size - 1, calls.all().filter((call) => !this.hasStarted(call)).length);
  }

  /** Whether the running call waits for an event that only another call or the main side can cause. */
  get isBlocked(): boolean {
    this.#offered.settle();
    if (this.#calls.streams === 0 && !this.#waits.wereThere) return false;
    const { first } = this.#calls;
    return (
      first !== undefined && (awaitsCallback(first) || this.#waits.areFor(first) || first.stream?.isBlocked === true)
    );
  }

  /** Whether a call that has begun was not given up, apart from one that lasts as long as the thread. */
  get isWanted(): boolean {
    return this.#calls.all().some((call) => !call.settled && !call.plan.lasts && this.hasBegun(call));
  }

  /**
   * Whether `call`, which was given up and overlaps with others, keeps the thread from all of them: it occupies the
   * thread, or only calls that were given up can.
   */
  isStuckIn({ sentAs }: Call): boolean {
    const occupying = Atomics.load(this.#control, LaneWord.occupied);
    if (occupying === sentAs) return true;
    return this.#calls.get(occupying)?.settled !== false && !this.isWanted;
  }
}
