/** Which call goes to which thread, and when. @module */

import { after, now } from '../base/clock.ts';
import type { Call } from '../call/call.ts';
import { OffloopError } from '../base/errors.ts';
import type { Crew } from './crew.ts';
import { Placing } from './placing.ts';
import { CallQueue } from './queue.ts';
import { Relief } from './relief.ts';
import { hasRoom, isDone, isStarting, isTurning, placeOf } from './slot.ts';
import type { Slot } from './slot.ts';
import type { Station } from './station.ts';

/** Bounds of what waits. */
export interface DispatcherOptions {
  readonly maxQueue: number;

  /** How long a call that was given up and can know of it may take to end by itself, in milliseconds. */
  readonly grace: number;
}

/** How long a lane with several calls may be silent before they are taken to be stuck, in milliseconds. */
const stuckAfter = 5;

/** After how many calls results are looked for, while calls wait. */
const callsPerLook = 64;

/**
 * Gives calls to threads: strictly first come, first served within a priority.
 *
 * Invariant: while a call waits that a free thread may run, that thread is not left idle.
 */
export class Dispatcher {
  readonly #crew: Crew;
  readonly #options: DispatcherOptions;
  readonly #queue: CallQueue;
  readonly #relief: Relief;
  readonly #placing: Placing;
  readonly #onIdle: () => void;
  #order = 0;
  #isWatching = false;

  /** Whether a queue was found to be hopeless. */
  #hasHopeless = false;

  /** `onIdle` is called when a call is over and may have been the last one. */
  constructor(crew: Crew, options: DispatcherOptions, onIdle: () => void) {
    this.#crew = crew;
    this.#options = options;
    this.#onIdle = onIdle;
    this.#queue = new CallQueue(() => this.forgot());
    this.#relief = new Relief(crew, this.#queue, () => this.spread());
    this.#placing = new Placing(crew, this.#queue, this.#relief);
  }

  /** Calls that have not started, in line or behind others on a lane. */
  get unstarted(): number {
    return this.#crew.places.reduce(
      (sum, { keyed, station }) => sum + keyed.size + Math.max(0, (station?.lane.load ?? 0) - 1),
      this.#queue.size,
    );
  }

  /** How many more calls may come before one is refused. */
  get room(): number {
    const { maxQueue } = this.#options;
    if (maxQueue === Infinity) return Infinity;
    // One call for each thread that is free, or will be, does not count as waiting.
    const free = this.#crew.slots.filter(({ station }) => station?.isBusy !== true).length;
    return Math.max(0, maxQueue + free - this.unstarted);
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    if (this.#queue.size > 0) return false;
    // A thread that is being set up has no call of others.
    const isQuiet = (station: Station | undefined): boolean => !station?.isReady || station.lane.load === 0;
    return this.#crew.places.every(({ keyed, station }) => keyed.size === 0 && isQuiet(station));
  }

  /** Takes a call in. */
  submit(call: Call): void {
    const { key, priority } = call.plan;
    call.order = this.#order += 1;
    if (this.#order % callsPerLook === 0 && this.#queue.size > 0) this.#look();
    if (key !== undefined) call.place = placeOf(key, this.#crew.slots.length);
    // The thread of its key may be the very one that waits for it.
    if (call.depth > 0 && call.place !== undefined && this.#slotOf(call.place).station?.isBlocked)
      call.place = undefined;
    const isDisturbed = (priority !== 0 || call.depth > 0) && this.#takeBack(this.#stations);
    const slot = this.#queueOf(call).isFirst(call) ? this.#placing.placeFor(call) : undefined;
    // One that is sent behind others waits as well.
    if (call.depth === 0 && !slot?.station?.isFree && this.room === 0) call.fail(this.#refusal(call));
    else if (slot) this.#send(slot, call);
    else this.#line(call);
    // A thread that all of its calls were taken from has nothing to answer, and would be left idle.
    if (isDisturbed) this.spread();
  }

  /** Sends what waits to the threads that have time for it, and starts threads for the rest. */
  spread(): void {
    for (const slot of this.#crew.places) this.feed(slot);
    this.#grow();
    this.#relief.check();
  }

  /** Gives `slot` what waits for it and it has time for. */
  feed(slot: Slot): void {
    const { station } = slot;
    if (this.#hasHopeless) this.#weighHopes();
    if (isTurning(slot)) {
      if (station) this.putBack(station.takeBack());
      return this.#crew.takeOver(slot);
    }
    if (!station?.isReady || station.isEnding) return;
    if (station.lane.load === 0 && isDone(slot, station)) {
      void this.#crew.release(slot, station.isStale ? (station.dueFor ?? 'recycled') : 'calls');
      return this.#grow();
    }
    const slower = this.#placing.slowerThan(slot, station);
    if (slower) this.putBack(slower.takeBack());
    const { lane } = station;
    for (;;) {
      if (slot.keyed.size === 0 && this.#queue.size === 0) return;
      const call = slot.keyed.peek(this.#queue);
      if (!call) return;
      const isKnown = lane.knows(call.definition);
      if (!station.isFree && !(hasRoom(slot, call) && (isKnown || slot.isOnly))) return;
      if (!this.#relief.mayTake(slot, call)) return this.#relief.check();
      slot.keyed.take(this.#queue);
      this.#send(isKnown ? slot : (this.#placing.freeWith(call) ?? slot), call);
    }
  }

  /** Calls that were sent and not started go before those that waited. */
  putBack(calls: readonly Call[]): void {
    for (const call of calls.toSorted((a, b) => b.order - a.order)) this.#queueOf(call).unshift(call);
  }

  /** A call was given up after it was sent. If it runs, its thread may end by itself if it can know, else it is ended. */
  abandon(station: Station, call: Call, reason: unknown): void {
    const { lane } = station;
    // Itself, if it has not started, and those behind it. What is being loaded for it may never be there.
    if (lane.has(call)) this.putBack(station.takeBack());
    if (!lane.has(call) && lane.isLoadingFor(call)) station.terminate('aborted');
    // Then: if another has started by now, what this one gave is there to be read.
    lane.catchUp();
    if (lane.has(call)) {
      // One that was told before has had its time.
      if (call.isInterrupted || !lane.interrupt(call, reason)) station.terminate('aborted');
      else after(call.stream?.closeTimeout ?? this.#options.grace, () => this.#endIfStuck(station, call));
    }
    this.spread();
    this.#onIdle();
  }

  /** Ends the thread of a call that was given up and has not ended. */
  #endIfStuck(station: Station, call: Call): void {
    station.lane.catchUp();
    if (station.lane.has(call)) station.terminate('aborted');
  }

  /** A call begins to wait for a callback: those behind it, and what it may wait for, are not to wait with it. */
  waits(slot: Slot, station: Station): void {
    const nested = slot.keyed.takeNested();
    for (const call of nested) call.place = undefined;
    for (const call of nested) this.#queue.push(call);
    if ((station.lane.load > 1 && this.#takeBack([station])) || nested.length > 0) this.spread();
    else this.#relief.check();
    if (station.lane.isSuspended) this.#weighHopes();
  }

  /** No thread could be started for `slot`: what only it could run, or if there is none at all, what waits, fails. */
  refuse(slot: Slot, error: unknown): void {
    if (!slot.station) for (const call of slot.keyed.calls()) call.abort(error);
    if (this.#crew.slots.some(({ station }) => station)) return;
    for (const call of this.#queue.calls()) call.abort(error);
  }

  /** Ends what waits with what `errorOf` gives. */
  abortAll(errorOf: (call: Call) => unknown): void {
    for (const queue of [this.#queue, ...this.#crew.places.map(({ keyed }) => keyed)]) {
      for (const call of queue.calls()) call.abort(errorOf(call));
    }
  }

  /** Ends with what `errorOf` gives what has not started, but for calls that running ones wait for. */
  abortWaiting(errorOf: (call: Call) => unknown): void {
    const isOutermost = ({ depth }: Call): boolean => depth === 0;
    this.putBack(this.#stations.flatMap((station) => station.takeBack()));
    const unsent = [this.#queue, ...this.#crew.places.map(({ keyed }) => keyed)].flatMap((queue) => [...queue.calls()]);
    // What cannot be taken back can be given up.
    const serving = this.#stations.filter(({ isServing }) => isServing);
    const unstarted = serving.flatMap(({ lane }) => lane.calls().filter((call) => !lane.hasStarted(call)));
    for (const call of [...unsent, ...unstarted].filter(isOutermost)) call.abort(errorOf(call));
    this.spread();
  }

  /** A call was given up while it waited. */
  forgot(): void {
    if (this.isIdle) this.#crew.stopWaiting();
    this.#onIdle();
  }

  /** Sees which queues are left to threads that wait without end. */
  #weighHopes(): void {
    const isExhausted = this.#relief.isExhausted;
    this.#queue.isHopeless = isExhausted;
    this.#hasHopeless = isExhausted;
    for (const { keyed, station } of this.#crew.slots) {
      const isLost = station?.lane.isSuspended === true;
      keyed.isHopeless = isLost;
      this.#hasHopeless ||= isLost;
    }
  }

  #slotOf(place: number): Slot {
    return this.#crew.slots[place] as Slot;
  }

  #queueOf({ place }: Call): CallQueue {
    return place === undefined ? this.#queue : this.#slotOf(place).keyed;
  }

  #line(call: Call): void {
    try {
      call.keep();
    } catch (error) {
      return call.fail(error);
    }
    this.#queueOf(call).push(call);
    this.#grow();
    this.#relief.check();
  }

  get #stations(): Station[] {
    return this.#crew.places.flatMap(({ station }) => station ?? []);
  }

  #send(slot: Slot, call: Call): void {
    const { station } = slot;
    if (!station) return;
    this.#relief.took(slot, call);
    call.holder = station;
    const { lane } = station;
    const isFirst = !lane.hasCalled(call.definition);
    if (isFirst && !this.#placing.secure(call, lane)) return;
    if (!lane.send(call, isFirst)) return;
    if (isFirst && lane.isLoading) this.#placing.hasLoading = true;
    // Its replacement is there sooner.
    if (station.isSpent && !slot.isExtra) this.#crew.replace(slot, 'calls');
    if (lane.load === 2 && lane.isBrief) this.#watch();
  }

  /** Takes results in, and sends more, in the midst of a turn that makes many calls: they need not all be kept. */
  #look(): void {
    for (const { lane } of this.#stations) if (lane.isBrief) lane.catchUp();
  }

  /** Puts the calls that have not started back in line; says whether there were any. */
  #takeBack(stations: readonly Station[]): boolean {
    const taken = stations.flatMap((station) =>
      station.lane.load > 1 || station.lane.isLoading ? station.takeBack() : [],
    );
    this.putBack(taken);
    return taken.length > 0;
  }

  /** Starts threads for what waits, as many at once as are needed. */
  #grow(): void {
    const { slots } = this.#crew;
    if (slots.every(({ station }) => station)) return;
    let wanted = this.#queue.size - slots.filter((slot) => isStarting(slot) && slot.keyed.size === 0).length;
    const empty = slots.filter(({ station, successor }) => !station && !successor);
    for (const slot of empty) if (slot.keyed.size > 0 || (wanted -= 1) >= 0) this.#crew.start(slot);
  }

  /** Calls behind one that takes longer than it used to go elsewhere as soon as there is an elsewhere. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    after(stuckAfter, () => {
      this.#isWatching = false;
      const deep = this.#stations.filter(({ lane }) => lane.load > 1 && lane.isBrief);
      const stuck = deep.filter(({ lane }) => now() - lane.progress >= stuckAfter);
      const isElsewhere = this.#crew.slots.some(({ station }) => !station || station.isFree);
      if (stuck.length > 0 && isElsewhere && this.#takeBack(stuck)) this.spread();
      if (deep.length > 0) this.#watch();
    });
  }

  #refusal(call: Call): OffloopError {
    const text = `Cannot call ${call.name}: ${this.unstarted} calls wait already, maxQueue is ${this.#options.maxQueue}`;
    return new OffloopError('ERR_OFFLOOP_QUEUE_FULL', text);
  }
}
