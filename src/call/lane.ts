/** The main side's end of the line to one thread. @module */

import type { Transferable } from 'node:worker_threads';
import { addressOf } from '../address/address-of.ts';
import { now } from '../base/clock.ts';
import { afterMicrotasks, queueMicrotask } from '../base/intrinsics.ts';
import { packThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { recover } from '../wait/holders.ts';
import { poll } from '../wait/poll.ts';
import { LaneWord } from '../wire/control.ts';
import { Pace } from '../wire/cost.ts';
import * as down from '../wire/down.ts';
import { exitError } from '../wire/exit-error.ts';
import type { DownRecord } from '../wire/messages.ts';
import type { ThreadEnd } from '../wire/thread-end.ts';
import type { LaneEnd, TransportListener } from '../wire/transport.ts';
import { Wire } from '../wire/wire.ts';
import type { WiredThread } from '../wire/wire.ts';
import { Answers } from './answers.ts';
import type { Call } from './call.ts';
import { CallBridge } from './call-bridge.ts';
import { Introductions } from './introductions.ts';
import type { Introduce } from './introductions.ts';
import { Loads } from './loads.ts';
import { lostAbove, lostBelow } from './losses.ts';
import type { LosingLane, Loss } from './losses.ts';
import { Outstanding } from './outstanding.ts';
import type { StreamLine } from './stream-line.ts';
import { awaitsCallback, isBrief, isCooperative, isHeld, isQuick, isResendable, plainArguments } from './travel.ts';
import { Waits } from './waits.ts';

/** A message with more fields leaves in the midst of a turn, so that the thread is at work while more calls are made. */
const fullMessage = 512;

/** Told of what happens on a line, by whichever part of the lane sees it. */
export interface LaneListener {
  /** Calls may have been answered. */
  onProgress(): void;

  /** The running call has begun to wait for a callback of the main side. */
  onWait?(): void;

  /** The thread has printed something; without this, it is printed here. */
  onPrint?: ((stream: number, chunk: string | Uint8Array) => void) | undefined;

  /** What the thread has loaded is of no use: it has to be ended when it is free. */
  onSpoilt?(): void;

  /** A message was lost. */
  onLoss(loss: Loss): void;
}

/**
 * A line to one thread: calls go down, results and callbacks come up, each in the order in which they were sent.
 *
 * Invariant: a call is out from `send` until it is answered, taken back, or given back by `end`, and as long keeps the
 * process alive.
 */
export class Lane implements LosingLane, StreamLine<Call>, TransportListener {
  /** The calls that are out, oldest first; only that one can be running. */
  readonly calls: Outstanding;

  /** What the thread has loaded. */
  readonly loads: Loads;
  readonly answers: Answers;

  /** Whether the thread ended while it ran a call, or what is told of as one. */
  endedInCall = false;

  readonly #wire: Wire;
  readonly #waits: Waits;
  readonly #told: Introductions;
  readonly #listener: LaneListener;
  #progress = 0;

  /** Whether the records that wait in the outbox leave in a microtask, and not only after all of them. */
  #isDue = false;

  /** How many messages have arrived, and whether one is being read. */
  #arrived = 0;
  #isReceiving = false;

  /** `end` is the near one; `introduce` gives the address under which the other end finds a function. */
  constructor(end: LaneEnd, listener: LaneListener, introduce: Introduce = addressOf) {
    const wire = (this.#wire = new Wire(end, this));
    this.calls = new Outstanding(wire.control[LaneWord.next] as number);
    this.loads = new Loads(wire.control);
    this.#told = new Introductions(wire.outbox, introduce);
    this.#waits = new Waits(wire, listener, this);
    this.answers = new Answers(this, wire.outbox, this.#waits, listener);
    this.#listener = listener;
  }

  /** How many calls are out. */
  get load(): number {
    return this.calls.size;
  }

  /** Whether `call` is out. */
  has(call: Call): boolean {
    return this.calls.get(call.sentAs) === call;
  }

  /** Whether the thread runs `call`, which is out, or has run it. */
  hasStarted({ sentAs }: Call): boolean {
    return ((Atomics.load(this.#wire.control, LaneWord.next) - sentAs) | 0) > 0;
  }

  /** Whether the thread has begun with the call, if only by looking for its function. */
  hasBegun(call: Call): boolean {
    return this.hasStarted(call) || this.loads.isFor(call.sentAs);
  }

  /** When the thread last answered, or got its first call. */
  get progress(): number {
    return this.#progress;
  }

  /** Whether all calls that are out are brief. */
  get isBrief(): boolean {
    return this.calls.brief === this.calls.size;
  }

  /** Whether the running call waits for something that only another call or the main side can bring about. */
  get isBlocked(): boolean {
    if (this.calls.streams === 0 && !this.#waits.wereThere) return false;
    const { first } = this.calls;
    return (
      first !== undefined && (awaitsCallback(first) || this.#waits.areFor(first) || first.stream?.isBlocked === true)
    );
  }

  /** Whether the thread waits for something that nothing is sure to bring about. */
  get isSuspended(): boolean {
    return this.#wire.isSuspended;
  }

  /** Whether the running call gives items. */
  get isStreaming(): boolean {
    return this.calls.streams > 0;
  }

  /** How many bytes of its heap the thread uses, as far as it has said. */
  get heapUsed(): number {
    return Atomics.load(this.#wire.control, LaneWord.heap) * 1024;
  }

  /** Whether the thread has given itself up, so that its calls run in another one. */
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

  /** The thread has opened its end. */
  attach(thread: WiredThread): void {
    this.#wire.attach(thread);
  }

  /** Closes the line; nothing was sent, or what was sent no longer matters. */
  close(): void {
    this.#wire.close();
  }

  /**
   * Sends `call`; says whether it is out. If its arguments cannot cross, it has failed instead. `isFirst` says whether its
   * function may have to be looked for: see {@link Loads.has}.
   */
  send(call: Call, isFirst: boolean = !this.loads.has(call.definition.id)): boolean {
    const { definition, lent } = call;
    const { outbox } = this.#wire;
    const id = this.calls.next;
    const pace = isBrief(call) ? Pace.brief : isQuick(call) ? Pace.quick : Pace.slow;
    try {
      this.#flushLater(pace);
      if (call.context !== this.#told.context) this.#told.takeOver(call.context);
      if (isFirst) this.#told.define(definition);
      if (pace === Pace.brief)
        outbox.addToRun(id, definition.id, definition.id, 0, call.items as unknown[], call.shape);
      else if (!lent) outbox.add(recordOf(id, call, plainArguments(call) as unknown[], undefined));
      // At once: what cannot cross is refused here, and not when other calls leave with it.
      else lent.deliver((values, holes, transfer) => outbox.send(recordOf(id, call, values, holes), transfer));
    } catch (error) {
      call.fail(error);
      return false;
    }
    if (this.calls.size === 0) this.#progress = now();
    call.sent(id, this.#wire.threadId);
    this.calls.add(call, pace);
    if (isFirst) this.loads.sent(definition, id);
    if (isHeld(call)) this.hold();
    call.stream?.attached(this);
    if (lent?.hasSignals) lent.onAbort = () => this.#waits.wake(call);
    if (pace !== Pace.slow) poll(this);
    if (outbox.size > fullMessage) outbox.flush();
    return true;
  }

  /**
   * Calls that take microseconds wait for others that are made in microtasks which are due now: a loop that has so many
   * calls out at once makes each next one in a microtask of its own. A longer call does not wait for them: its caller may
   * block the loop.
   */
  #flushLater(pace: Pace): void {
    const { outbox } = this.#wire;
    if (outbox.isEmpty) this.#isDue = false;
    if (pace !== Pace.brief && !this.#isDue) {
      this.#isDue = true;
      queueMicrotask(outbox.flush);
    } else if (outbox.isEmpty) afterMicrotasks(outbox.flush);
  }

  /** Says something more to the thread of a call. */
  tell(record: DownRecord, transfer?: readonly Transferable[]): void {
    this.#wire.outbox.send(record, transfer);
  }

  /**
   * Takes back the calls that the thread has not started, in order. They can be sent again: one with large arguments, or
   * such as moved, is left to the thread, which has nothing before it.
   */
  takeBack(): Call[] {
    const { control } = this.#wire;
    const end = this.calls.next;
    for (;;) {
      const next = Atomics.load(control, LaneWord.next);
      if (next === end || !isFree(this.calls.get(next))) return [];
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

  /**
   * Tells the thread that `call`, which it may be running, was given up for `reason`; says whether it can know and may
   * end by itself. Where it cannot, nothing is sent.
   */
  interrupt(call: Call, reason: unknown): boolean {
    const { control, outbox } = this.#wire;
    const isListening = Atomics.load(control, LaneWord.listening) === call.sentAs;
    // A generator is asked to end, and its thread is given time, whatever it is at.
    if (!call.stream && !isCooperative(call) && !isListening && !this.#waits.areFor(call)) return false;
    (call.bridge ??= new CallBridge()).isInterrupted = true;
    outbox.send(down.abort(call.sentAs, packThrown(reason)));
    // The reason first: who sees this finds it.
    Atomics.store(control, LaneWord.aborted, call.sentAs);
    call.lent?.sources?.wake();
    this.#waits.wake(call);
    return true;
  }

  /** Reads what has arrived, so that what was printed until now stands before whatever is said from now on. */
  catchUp(): void {
    // What is being read would otherwise come after what followed it.
    if (!this.#isReceiving) this.#wire.look();
  }

  /** Reads what has arrived, without waiting to be told. Says whether quick calls are still out. */
  look(): boolean {
    this.#wire.look();
    return this.calls.quick > 0 || this.#waits.isAskedSoon;
  }

  /** The processor is better left to the thread. */
  rest(): void {
    this.#waits.isAskedSoon = false;
  }

  /**
   * The thread was told to end, which may take long: takes back what the calls that have settled lent to it, and ends the
   * threads that it was lent.
   */
  reclaim(): void {
    this.answers.close();
    for (const call of this.calls.all()) if (call.settled) call.finished();
  }

  /**
   * Settles what was out when the thread ended: results that it had sent first, then `ERR_OFFLOOP_WORKER_EXIT` for a
   * call that had started. Gives back the calls that had not, in order.
   */
  end(end: ThreadEnd): Call[] {
    this.#wire.drain();
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

  /** `call` is out no longer. */
  forget(call: Call): void {
    this.calls.delete(call);
    if (isHeld(call)) this.release();
    this.#waits.forget(call.sentAs);
    call.stream?.detached();
  }

  /** A message has come. */
  readonly receive = (message: unknown[]): void => {
    this.#arrived += 1;
    this.#progress = now();
    this.#isReceiving = true;
    // A thread that says something does not sleep any more.
    this.#waits.end();
    try {
      this.answers.read(message, this.#progress);
    } finally {
      this.#isReceiving = false;
    }
    this.#listener.onProgress();
  };

  /** A message came that cannot be read. */
  readonly unreadable = (cause: unknown): void => {
    this.#arrived += 1;
    this.#listener.onLoss(lostAbove(this, cause, this.#wire.senderOf(this.#arrived)));
  };

  /** The thread could not read a message: it may have had addresses, and a context. */
  unheard(cause: unknown): void {
    this.#told.forget();
    this.loads.forgetFunctions();
    this.#listener.onLoss(lostBelow(this, cause));
    this.#listener.onProgress();
  }
}

/** The call `id` with its arguments. */
function recordOf(
  id: number,
  { definition, plan, stream }: Call,
  args: unknown[],
  holes: Hole[] | undefined,
): DownRecord {
  if (stream) return down.streamCall(id, definition.id, args, holes, stream.offer);
  return down.call(id, definition.id, args, holes, plan.timeout !== Infinity);
}

/** Whether `call`, the first that has not started, can be sent again, or does not need to be. */
function isFree(call: Call | undefined): boolean {
  return !call || call.settled || isResendable(call);
}

/** What a call with large arguments, or such as moved, has no copy of to send again. */
function lostWhile({ name }: Call, hasStarted: boolean): string {
  return hasStarted ? `while it ran ${name}` : `before it ran ${name}, whose arguments are gone`;
}
