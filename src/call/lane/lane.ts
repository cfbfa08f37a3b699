/** The main side's end of the lane to one thread. @module */

import type { Transferable } from 'node:worker_threads';
import { addressOf } from '../../address/find/address-of.ts';
import { now } from '../../base/clock.ts';
import { packThrown } from '../../codec/errors/codec.ts';
import type { Hole } from '../../codec/walk/hole.ts';
import { recover } from '../../wait/holders.ts';
import { poll } from '../../wait/poll.ts';
import { LaneWord } from '../../wire/control.ts';
import { Pace } from '../../wire/cost.ts';
import * as down from '../../wire/down.ts';
import { exitError } from '../../wire/exit-error.ts';
import { isCallback, recordWidth } from '../../wire/messages.ts';
import type { DownRecord } from '../../wire/messages.ts';
import type { ThreadEnd } from '../../wire/thread-end.ts';
import type { LaneEnd, TransportListener } from '../../wire/transport.ts';
import { Wire } from '../../wire/wire.ts';
import type { WiredThread } from '../../wire/wire.ts';
import { Answers } from './answers.ts';
import type { Call } from '../call.ts';
import { CallBridge } from '../call-bridge.ts';
import { Departures } from './departures.ts';
import { Introductions } from './introductions.ts';
import type { Introduce } from './introductions.ts';
import { Loads } from './loads.ts';
import { lostAbove, lostBelow } from './losses.ts';
import type { LosingLane, Loss } from './losses.ts';
import { OfferedCalls } from './offered-calls.ts';
import { Outstanding } from './outstanding.ts';
import { fullMessage, PlainCalls } from './plain-calls.ts';
import type { StreamLine } from '../stream-line.ts';
import { awaitsCallback, isBrief, isCooperative, isHeld, isQuick, isResendable, plainArguments } from '../travel.ts';
import { Waits } from './waits.ts';

/** Told of events on a lane. */
export interface LaneListener {
  /** Called after each message: calls may have been answered. */
  onProgress(): void;

  /** Called when the running call has begun to wait for a callback of the main side. */
  onWait?(): void;

  /** Receives the output of the thread. If missing, the main side prints it. */
  onPrint?: ((stream: number, chunk: string | Uint8Array) => void) | undefined;

  /** Called when the thread may have half-loaded modules, so that it has to end as soon as it is free. */
  onSpoilt?(): void;

  /** Called when a message was lost. */
  onLoss(loss: Loss): void;
}

/**
 * A lane to one thread: calls go down, results and callbacks come up, each in the order in which they were sent.
 *
 * Invariant: a call is outstanding from `send` until it is answered, taken back, or given back by `end`; it keeps the
 * process alive during that time.
 */
export class Lane implements LosingLane, StreamLine<Call>, TransportListener {
  /** The outstanding calls, oldest first; only the oldest can be running. */
  readonly calls: Outstanding;

  /** The functions and modules that the thread has loaded. */
  readonly loads: Loads;
  readonly answers: Answers;

  /** The short way of {@link send}. */
  readonly plain: PlainCalls;

  /** The time of the thread's last message, or of the first call that was sent while none was outstanding. */
  progress = 0;

  /** Whether the thread ended while it ran a call, so that the call was told of the end. */
  endedInCall = false;

  /** The calls that the thread is offered, as others are. */
  readonly offered: OfferedCalls;

  readonly #wire: Wire;
  readonly #waits: Waits;
  readonly #told: Introductions;
  readonly #departures: Departures;
  readonly #listener: LaneListener;

  /** How many messages have arrived, and whether one is being read. */
  #arrived = 0;
  #isReceiving = false;

  /** `end` is the main side's end; `introduce` gives the address under which the other end finds a function. */
  constructor(end: LaneEnd, listener: LaneListener, introduce: Introduce = addressOf) {
    const wire = (this.#wire = new Wire(end, this));
    this.calls = new Outstanding(wire.control[LaneWord.next] as number);
    this.loads = new Loads(wire.control);
    const told = (this.#told = new Introductions(wire.outbox, introduce));
    const departures = (this.#departures = new Departures(wire.outbox));
    this.#waits = new Waits(wire, listener, this);
    const answers = (this.answers = new Answers(this, wire.outbox, this.#waits, listener));
    this.offered = new OfferedCalls(this, { calls: this.calls, wire, told, departures });
    this.plain = new PlainCalls(this, { calls: this.calls, wire, told, departures, waits: this.#waits, answers });
    this.#listener = listener;
  }

  /** How many calls are outstanding. */
  get load(): number {
    this.offered.settle();
    return this.calls.size;
  }

  /**
   * How many outstanding calls wait for others of the thread. Calls that take microseconds count as waiting until they are
   * answered.
   */
  get waiting(): number {
    const { load } = this;
    const { calls } = this;
    if (load <= 1 || calls.brief === calls.size) return Math.max(0, load - 1);
    return Math.min(load - 1, calls.all().filter((call) => !this.hasStarted(call)).length);
  }

  /** Whether `call` is outstanding. */
  has(call: Call): boolean {
    return this.calls.get(call.sentAs) === call;
  }

  /** Whether the thread runs `call`, which is outstanding, or has run it. */
  hasStarted({ sentAs }: Call): boolean {
    return ((Atomics.load(this.#wire.control, LaneWord.next) - sentAs) | 0) > 0;
  }

  /** Whether the thread runs `call`, or looks up its function. */
  hasBegun(call: Call): boolean {
    return this.hasStarted(call) || this.loads.isFor(call.sentAs);
  }

  /** Whether all outstanding calls are brief. */
  get isBrief(): boolean {
    return this.calls.brief === this.calls.size;
  }

  /** Whether the running call waits for an event that only another call or the main side can cause. */
  get isBlocked(): boolean {
    this.offered.settle();
    if (this.calls.streams === 0 && !this.#waits.wereThere) return false;
    const { first } = this.calls;
    return (
      first !== undefined && (awaitsCallback(first) || this.#waits.areFor(first) || first.stream?.isBlocked === true)
    );
  }

  /** Whether the thread waits without a timeout, so that the wait may never end. */
  get isSuspended(): boolean {
    return this.#wire.isSuspended;
  }

  /** Whether the result of the running call is iterated over. */
  get isStreaming(): boolean {
    return this.calls.streams > 0;
  }

  /** How many bytes of heap the thread used when it last measured. */
  get heapUsed(): number {
    return Atomics.load(this.#wire.control, LaneWord.heap) * 1024;
  }

  /** Whether the thread has discarded itself, so that its calls run in another one. */
  get isDiscarded(): boolean {
    return Atomics.load(this.#wire.control, LaneWord.discarded) !== 0;
  }

  /** Keeps the process alive until {@link release}. */
  hold(): void {
    this.#wire.hold();
  }

  release(): void {
    this.#wire.release();
  }

  /** Called when the thread has been started. */
  attach(thread: WiredThread): void {
    this.#wire.attach(thread);
  }

  /** Closes the lane, on which nothing was sent, or no answer is awaited. */
  close(): void {
    this.#wire.close();
  }

  /** Whether a brief call of the function `id` can follow those that the thread has: brief ones, fewer than `most`. */
  takesBrief(id: number, most: number): boolean {
    const { calls } = this;
    return calls.brief === calls.size && calls.size < most && this.loads.isReadyFor(id);
  }

  /**
   * Sends `call`; gives whether it is outstanding now. If its arguments cannot cross, it has failed instead. `isFirst`
   * says whether the thread may have to look its function up: see {@link Loads.has}.
   */
  send(call: Call, isFirst: boolean = !this.loads.has(call.definition.id)): boolean {
    const at = now();
    if (!isFirst && call.isPlain && isQuick(call)) {
      this.plain.send(call, at);
      return true;
    }
    const { definition, lent } = call;
    const { outbox } = this.#wire;
    const id = this.calls.next;
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
    if (this.calls.size === 0) this.progress = at;
    call.sent(id, this.#wire.threadId);
    this.calls.add(call, pace);
    if (isFirst) this.loads.sent(definition, id);
    if (isHeld(call)) this.hold();
    call.stream?.attached(this);
    if (lent?.hasSignals) lent.onAbort = () => this.#waits.wake(call);
    // As in `PlainCalls.send`.
    if (pace !== Pace.slow && (this.plain.follows(at) || this.calls.quick > 1)) poll(this);
    if (outbox.size > fullMessage) outbox.flush();
    return true;
  }

  /** Sends one more record about a call. */
  tell(record: DownRecord, transfer?: readonly Transferable[]): void {
    this.#wire.outbox.send(record, transfer);
  }

  /**
   * Takes back the calls that the thread has not started, in order, if all can be sent again. A call with large or
   * transferred arguments cannot: it is only ever sent to a thread with no call before it, and stays there.
   */
  takeBack(): Call[] {
    this.offered.settle();
    const { control } = this.#wire;
    const end = this.calls.next;
    for (;;) {
      const next = Atomics.load(control, LaneWord.next);
      if (next === end || !this.#areFree(next, end)) return [];
      if (Atomics.compareExchange(control, LaneWord.next, next, end) !== next) continue;
      this.loads.takenBack(next);
      const taken: Call[] = [];
      for (let id = next; id !== end; id = (id + 1) | 0) {
        const call = this.calls.get(id);
        if (!call) continue;
        this.forget(call);
        if (call.settled) call.finished();
        else taken.push(call);
      }
      return taken;
    }
  }

  /** Whether all calls from `next` to `end` can be sent again: most are not there, if they were offered to others. */
  #areFree(next: number, end: number): boolean {
    for (let id = next; id !== end; id = (id + 1) | 0) if (!isFree(this.calls.get(id))) return false;
    return true;
  }

  /**
   * Tells the thread that `call`, which it may be running, was given up for `reason`. Gives whether the call can notice
   * that and end by itself; if not, nothing is sent.
   */
  interrupt(call: Call, reason: unknown): boolean {
    const { control, outbox } = this.#wire;
    const isListening = Atomics.load(control, LaneWord.listening) === call.sentAs;
    // A generator can always be asked to end.
    const canNotice = call.stream ?? (isCooperative(call) || isListening || call.definition.overlaps);
    if (!canNotice && !this.#waits.areFor(call)) return false;
    (call.bridge ??= new CallBridge()).isInterrupted = true;
    outbox.send(down.abort(call.sentAs, packThrown(reason)));
    // Send the reason first: a thread that sees this field finds the message.
    Atomics.store(control, LaneWord.aborted, call.sentAs);
    call.lent?.sources?.wake();
    this.#waits.wake(call);
    return true;
  }

  /**
   * Whether `call`, which was given up and overlaps with others, keeps the thread from all of them: it occupies the
   * thread, or only calls that were given up can.
   */
  isStuckIn({ sentAs }: Call): boolean {
    const occupying = Atomics.load(this.#wire.control, LaneWord.occupied);
    if (occupying === sentAs) return true;
    return this.calls.get(occupying)?.settled !== false && !this.isWanted;
  }

  /** Whether a call that has begun was not given up, apart from one that lasts as long as the thread. */
  get isWanted(): boolean {
    return this.calls.all().some((call) => !call.settled && !call.plan.lasts && this.hasBegun(call));
  }

  /** Reads the messages that have arrived, so that output of the thread is printed before what this side does next. */
  catchUp(): void {
    // Not while a message is being read: its remaining records come before the next message.
    if (!this.#isReceiving) this.#wire.look();
  }

  /** Polls: reads the messages that have arrived. Gives whether quick calls are still outstanding. */
  look(): boolean {
    this.#waits.tell();
    this.#wire.look();
    return this.calls.quick > 0 || this.#waits.isAskedSoon;
  }

  /** Called when polling stops, to leave the processor to the thread. */
  rest(): void {
    this.#waits.rest();
  }

  /**
   * Called when the thread was told to end, which may take long: ends the loans of calls that have settled, and the
   * threads that it borrowed.
   */
  reclaim(): void {
    this.answers.close();
    for (const call of this.calls.all()) if (call.settled) call.finished();
  }

  /**
   * Settles the calls that were outstanding when the thread ended: by the results that it had sent, or else, for a call
   * that had started, by `ERR_OFFLOOP_WORKER_EXIT`. Gives back the calls that had not started, in order.
   */
  end(end: ThreadEnd): Call[] {
    this.offered.settle();
    this.#wire.drain();
    this.offered.settle();
    this.#waits.end();
    this.#wire.close();
    this.answers.end();
    recover(end.threadId);
    const left: Call[] = [];
    for (const call of this.calls.all()) {
      const hasBegun = this.hasBegun(call);
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
    this.calls.clear();
    return left;
  }

  /** Called when `call` is no longer outstanding. */
  forget(call: Call): void {
    this.calls.delete(call);
    const { stream } = call;
    if (stream === undefined ? call.plan.detach !== true : stream.isHeld) this.#wire.release();
    if (this.#waits.wereThere) this.#waits.forget(call);
    stream?.detached();
  }

  /** As {@link forget}, for a plain call that is not among the outstanding ones any more. */
  taken(call: Call): void {
    this.#wire.release();
    if (this.#waits.wereThere) this.#waits.forget(call);
  }

  /** Called when a message has arrived. */
  readonly receive = (message: unknown[]): void => {
    this.#arrived += 1;
    this.offered.settle();
    const at = now();
    this.progress = at;
    // A thread that has sent a message no longer sleeps.
    if (this.#wire.sleeps) this.#waits.end();
    // A message that only calls back has answered nothing.
    if (message.length === recordWidth && isCallback(message[0] as number)) return this.answers.readCallback(message);
    if (!this.plain.receive(message, at)) {
      this.#isReceiving = true;
      try {
        this.answers.read(message, at);
      } finally {
        this.#isReceiving = false;
      }
    }
    this.#listener.onProgress();
  };

  /** Called when a message has arrived that cannot be read. */
  readonly unreadable = (cause: unknown): void => {
    this.#arrived += 1;
    this.offered.settle();
    this.#listener.onLoss(lostAbove(this, cause, this.#wire.senderOf(this.#arrived)));
  };

  /** Called when the thread could not read a message, which may have had addresses and a context. */
  unheard(cause: unknown): void {
    this.#told.forget();
    this.loads.forgetFunctions();
    this.#listener.onLoss(lostBelow(this, cause));
    this.#listener.onProgress();
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
