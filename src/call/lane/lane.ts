/** The main side's end of the lane to one thread. @module */

import type { Transferable } from 'node:worker_threads';
import { addressOf } from '../../address/find/address-of.ts';
import { now } from '../../base/clock.ts';
import { packThrown } from '../../codec/errors/codec.ts';
import { LaneWord } from '../../wire/control.ts';
import * as down from '../../wire/down.ts';
import { isCallback, recordWidth } from '../../wire/messages.ts';
import type { DownRecord } from '../../wire/messages.ts';
import type { LaneEnd, TransportListener } from '../../wire/transport.ts';
import { Wire } from '../../wire/wire.ts';
import type { WiredThread } from '../../wire/wire.ts';
import type { Call } from '../call.ts';
import { CallBridge } from '../call-bridge.ts';
import type { StreamLine } from '../stream-line.ts';
import { isCooperative } from '../travel.ts';
import { Answers } from './answers.ts';
import type { AnsweredLane } from './answers.ts';
import { Departures } from './departures.ts';
import { Introductions } from './introductions.ts';
import type { Introduce } from './introductions.ts';
import type { LaneListener } from './lane-listener.ts';
import { Loads } from './loads.ts';
import { lostAbove, lostBelow } from './losses.ts';
import type { LosingLane } from './losses.ts';
import { OfferedCalls } from './offered-calls.ts';
import { Outstanding } from './outstanding.ts';
import type { SendingLane } from './parts.ts';
import { PlainCalls } from './plain-calls.ts';
import { Recovery } from './recovery.ts';
import { Sender } from './sender.ts';
import { Standing } from './standing.ts';
import { Waits } from './waits.ts';

/**
 * A lane to one thread: calls go down, results and callbacks come up, each in the order in which they were sent.
 *
 * Invariant: a call is outstanding from `send` until it is answered, taken back, or given back by `end`; it keeps the
 * process alive during that time.
 */
export class Lane implements AnsweredLane, LosingLane, SendingLane, StreamLine<Call>, TransportListener {
  /** The outstanding calls, oldest first; only the oldest can be running. */
  readonly calls: Outstanding;

  /** The functions and modules that the thread has loaded. */
  readonly loads: Loads;
  readonly answers: Answers;

  /** The calls that the thread is offered, as others are. */
  readonly offered: OfferedCalls;

  /** How far the thread is with its calls. */
  readonly standing: Standing;

  /** Takes calls back from the thread. */
  readonly recovery: Recovery;

  /** Sends calls; and the short way of that. */
  readonly sender: Sender;
  readonly plain: PlainCalls;

  progress = 0;

  readonly #wire: Wire;
  readonly #waits: Waits;
  readonly #told: Introductions;
  readonly #listener: LaneListener;

  /** How many messages have arrived, and whether one is being read. */
  #arrived = 0;
  #isReceiving = false;

  /** `end` is the main side's end; `introduce` gives the address under which the other end finds a function. */
  constructor(end: LaneEnd, listener: LaneListener, introduce: Introduce = addressOf) {
    const wire = (this.#wire = new Wire(end, this));
    const calls = (this.calls = new Outstanding(wire.control[LaneWord.next] as number));
    const loads = (this.loads = new Loads(wire.control));
    const told = (this.#told = new Introductions(wire.outbox, introduce));
    const departures = new Departures(wire.outbox);
    const waits = (this.#waits = new Waits(wire, listener, this));
    const answers = (this.answers = new Answers(this, wire.outbox, waits, listener));
    const parts = { calls, loads, wire, told, departures, waits, answers };
    this.offered = new OfferedCalls(this, parts);
    this.standing = new Standing(parts, this.offered);
    this.recovery = new Recovery(this, parts);
    this.plain = new PlainCalls(this, parts);
    this.sender = new Sender(this, parts, this.plain);
    this.#listener = listener;
  }

  /** How many calls are outstanding. */
  get load(): number {
    this.offered.settle();
    return this.calls.size;
  }

  /** Whether the thread waits without a timeout, so that the wait may never end. */
  get isSuspended(): boolean {
    return this.#wire.isSuspended;
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

  /** Sends one more record about a call. */
  tell(record: DownRecord, transfer?: readonly Transferable[]): void {
    this.#wire.outbox.send(record, transfer);
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

  /** Reads the messages that have arrived, so that output of the thread is printed before what this side does next. */
  catchUp(): void {
    // Not while a message is being read: its remaining records come before the next message.
    if (!this.#isReceiving) this.#wire.look();
  }

  look(): boolean {
    this.#waits.tell();
    this.#wire.look();
    return this.calls.quick > 0 || this.#waits.isAskedSoon;
  }

  /** Called when polling stops, to leave the processor to the thread. */
  rest(): void {
    this.#waits.rest();
  }

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
