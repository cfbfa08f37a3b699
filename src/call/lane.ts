/** The main side's end of the line to one thread. @module */

import type { Address } from '../address/address.ts';
import type { Definition } from '../address/registry.ts';
import { addressOf } from '../address/address-of.ts';
import { now } from '../base/clock.ts';
import { packThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import type { Carried } from '../context/carried.ts';
import { queueMicrotask } from '../base/intrinsics.ts';
import * as down from '../wire/down.ts';
import { LaneWord } from '../wire/control.ts';
import type { DownRecord, LocalAddress } from '../wire/messages.ts';
import type { LaneEnd } from '../wire/transport.ts';
import { OffloopError } from '../base/errors.ts';
import { Answers } from './answers.ts';
import type { Call } from './call.ts';
import type { CallStream } from '../channel/call-stream.ts';
import type { StreamLine } from './stream-line.ts';
import { Pace } from '../wire/cost.ts';
import { exitError } from '../wire/exit-error.ts';
import { recover } from '../wait/holders.ts';
import { Loads } from './loads.ts';
import { Outstanding } from './outstanding.ts';
import { poll } from '../wait/poll.ts';
import { printHere } from './print.ts';
import type { ThreadEnd } from '../wire/thread-end.ts';
import { Waits } from './waits.ts';
import { Wire } from '../wire/wire.ts';
import type { WiredThread } from '../wire/wire.ts';

/** A message with more fields leaves in the midst of a turn, so that the thread is at work while more calls are made. */
const fullMessage = 512;

/** Told of what happens on a line. */
export interface LaneListener {
  /** Calls may have been answered. */
  onProgress(): void;

  /** The running call has begun to wait for a callback of the main side. */
  onWait?(): void;

  /** The thread has printed something; without this, it is printed here. */
  readonly onPrint?: (stream: number, chunk: string | Uint8Array) => void;

  /** What the thread has loaded is of no use: it has to be ended when it is free. */
  onSpoilt?(): void;

  /** A message was lost. */
  onLoss(loss: Loss): void;
}

/** What a message that was lost leaves behind. */
export interface Loss {
  /** The calls that have not started: they are out no longer, and can be sent again. */
  readonly left: readonly Call[];

  /**
   * Whether the thread has to be ended: `now`, if it or a call in it is past what was lost, or waits for that; or once the
   * call has ended that it runs.
   */
  readonly end: 'now' | 'later' | 'never';
}

/**
 * A line to one thread: calls go down, results and callbacks come up, each in the order in which they were sent.
 *
 * Invariant: a call is out from `send` until it is answered, taken back, or given back by `end`, and as long keeps the
 * process alive.
 */
export class Lane {
  readonly #wire: Wire;
  readonly #waits: Waits;

  /** The functions whose addresses the thread was told. */
  readonly #defined = new Set<number>();
  readonly #loads: Loads;

  /** Oldest first; only that one can be running. */
  readonly #calls: Outstanding;
  readonly #answers: Answers;
  readonly #listener: LaneListener;
  readonly #introduce: (definition: Definition) => Address | LocalAddress;
  readonly #flush = (): void => this.#wire.outbox.flush();

  /** The context that the thread takes the next call to have. */
  #context: Carried | undefined;
  #progress = 0;
  #isReceiving = false;

  /** Whether the thread ended while it ran a call, or what is told of as one. */
  endedInCall = false;

  /** `end` is the near one; `introduce` gives the address under which the other end finds a function. */
  constructor(
    end: LaneEnd,
    listener: LaneListener,
    introduce: (definition: Definition) => Address | LocalAddress = addressOf,
  ) {
    this.#wire = new Wire(end, {
      receive: (message) => this.#receive(message),
      unreadable: (error, number) => this.#lose(error, number),
    });
    this.#calls = new Outstanding(this.#wire.control[LaneWord.next] as number);
    this.#loads = new Loads(this.#wire.control);
    this.#waits = new Waits(this.#wire, { onWait: () => listener.onWait?.(), onAnswer: () => poll(this) });
    this.#answers = new Answers({
      outbox: this.#wire.outbox,
      waits: this.#waits,
      calls: this.#calls,
      forget: (call) => this.#forget(call),
      onWait: () => listener.onWait?.(),
      print: listener.onPrint ?? printHere,
      prepared: (id, isSpoilt) => this.#prepared(id, isSpoilt),
      unreadable: (cause) => this.#unreadable(cause),
    });
    this.#listener = listener;
    this.#introduce = introduce;
  }

  /** How many calls are out. */
  get load(): number {
    return this.#calls.size;
  }

  /** The calls that are out, in the order in which they were sent. */
  calls(): Call[] {
    return this.#calls.all();
  }

  /** Whether `call` is out. */
  has(call: Call): boolean {
    return this.#calls.get(call.sentAs) === call;
  }

  /** Whether the thread runs `call`, which is out, or has run it. */
  hasStarted({ sentAs }: Call): boolean {
    return ((Atomics.load(this.#wire.control, LaneWord.next) - sentAs) | 0) > 0;
  }

  /** When the thread last answered, or got its first call. */
  get progress(): number {
    return this.#progress;
  }

  /** Whether all calls that are out are brief. */
  get isBrief(): boolean {
    return this.#calls.brief === this.#calls.size;
  }

  /** Whether the running call waits for something that only another call or the main side can bring about. */
  get isBlocked(): boolean {
    if (this.#calls.streams === 0 && !this.#waits.wereThere) return false;
    const { first } = this;
    return first !== undefined && (first.isBlocked || this.#waits.areFor(first) || first.stream?.isBlocked === true);
  }

  /** Whether the thread waits for something that nothing is sure to bring about. */
  get isSuspended(): boolean {
    return this.#wire.isSuspended;
  }

  /** Whether the running call gives items. */
  get isStreaming(): boolean {
    return this.#calls.streams > 0;
  }

  /** The call that has been out for longest: the running one, if one runs. */
  get first(): Call | undefined {
    return this.#calls.first;
  }

  /** Whether the thread loads a module, as far as this side knows, and can start nothing before that is done. */
  get isLoading(): boolean {
    return this.#loads.isLoading;
  }

  /** Whether the thread loads a module for `call`, which it has not started, or had not when it was taken back. */
  isLoadingFor({ sentAs }: Call): boolean {
    return this.#loads.isFor(sentAs);
  }

  /** Whether the thread can start a call of `definition` without loading anything. */
  knows(definition: Definition): boolean {
    return this.#loads.knows(definition);
  }

  /** Whether it is one that the thread knows, or whose module it loads. */
  willKnow(definition: Definition): boolean {
    return this.#loads.willKnow(definition);
  }

  /** How many calls were answered. */
  get answered(): number {
    return this.#answers.count;
  }

  /** How many milliseconds the functions of those ran. */
  get ran(): number {
    return this.#answers.ran;
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

  /** Whether `definition` was called there before, and is known to be there. */
  hasCalled({ id }: Definition): boolean {
    return this.#loads.has(id);
  }

  /**
   * Sends `call`; says whether it is out. If its arguments cannot cross, it has failed instead. `isFirst` says whether its
   * function may have to be looked for: see {@link hasCalled}.
   */
  send(call: Call, isFirst: boolean = !this.hasCalled(call.definition)): boolean {
    const { definition } = call;
    const id = this.#calls.next;
    const isBrief = call.isBrief;
    const pace = isBrief ? Pace.brief : call.isQuick ? Pace.quick : Pace.slow;
    const { outbox } = this.#wire;
    try {
      if (outbox.isEmpty) queueMicrotask(this.#flush);
      if (call.context !== this.#context) this.#introduceContext(call.context);
      if (isFirst) this.#define(definition);
      if (isBrief) outbox.addToRun(id, definition.id, definition.id, 0, call.items as unknown[], call.shape);
      else this.#deliver(id, call);
    } catch (error) {
      call.fail(error);
      return false;
    }
    if (this.#calls.size === 0) this.#progress = now();
    call.sent(id, pace, this.#wire.threadId);
    this.#calls.add(call);
    if (isFirst) this.#loads.sent(definition, id);
    if (call.isHeld) this.hold();
    if (call.stream) this.#attach(call, call.stream);
    if (call.hasSignals) call.onSignal(() => this.#waits.wake(call));
    if (pace !== Pace.slow) poll(this);
    if (outbox.size > fullMessage) this.#flush();
    return true;
  }

  #define(definition: Definition): void {
    if (this.#defined.has(definition.id)) return;
    const address = this.#introduce(definition);
    this.#wire.outbox.add(down.define(definition.id, address));
    this.#defined.add(definition.id);
  }

  #deliver(id: number, call: Call): void {
    const { outbox } = this.#wire;
    const { definition, plain, plan } = call;
    const record = (values: unknown[], holes: Hole[] | undefined): DownRecord => {
      if (call.stream) return down.streamCall(id, definition.id, values, holes, call.stream.offer);
      return down.call(id, definition.id, values, holes, plan.timeout !== Infinity);
    };
    if (plain) return outbox.add(record(plain, undefined));
    // At once: what cannot cross is refused here, and not when other calls leave with it.
    call.deliver((values, holes, transfer) => outbox.send(record(values, holes), transfer));
  }

  /**
   * Takes back the calls that the thread has not started, in order. They can be sent again: one with large arguments, or
   * such as moved, is left to the thread, which has nothing before it.
   */
  takeBack(): Call[] {
    const { control } = this.#wire;
    const end = this.#calls.next;
    for (;;) {
      const next = Atomics.load(control, LaneWord.next);
      if (next === end || !isFree(this.#calls.get(next))) return [];
      if (Atomics.compareExchange(control, LaneWord.next, next, end) !== next) continue;
      this.#loads.takenBack(next);
      const taken: Call[] = [];
      for (let id = next; id !== end; id = (id + 1) | 0) {
        const call = this.#calls.get(id);
        if (!call) continue;
        this.#forget(call);
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
    if (!call.stream && !call.isCooperative && !isListening && !this.#waits.areFor(call)) return false;
    call.interrupted();
    outbox.send(down.abort(call.sentAs, packThrown(reason)));
    // The reason first: who sees this finds it.
    Atomics.store(control, LaneWord.aborted, call.sentAs);
    call.wakeSources();
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
    return this.#calls.quick > 0 || this.#waits.isAskedSoon;
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
    this.#answers.close();
    for (const call of this.#calls.all()) if (call.settled) call.finished();
  }

  /**
   * Settles what was out when the thread ended: results that it had sent first, then `ERR_OFFLOOP_WORKER_EXIT` for a
   * call that had started. Gives back the calls that had not, in order.
   */
  end(end: ThreadEnd): Call[] {
    this.#wire.drain();
    this.#waits.end();
    this.#wire.close();
    this.#answers.end();
    recover(end.threadId);
    const left: Call[] = [];
    for (const call of this.#calls.all()) {
      const hasBegun = this.#hasBegun(call);
      const isLeft = !call.settled && !hasBegun && call.isResendable;
      if (isLeft) left.push(call);
      else {
        this.endedInCall = true;
        const error = exitError(lostWhile(call, hasBegun), end);
        call.fail(error);
        call.lost(error);
      }
      call.stream?.detached();
    }
    this.#calls.clear();
    return left;
  }

  /** Whether the thread has begun with the call, if only by looking for its function. */
  #hasBegun(call: Call): boolean {
    return this.hasStarted(call) || this.#loads.isFor(call.sentAs);
  }

  /** The thread has loaded what it was to load for a call that was taken back. */
  #prepared(id: number, isSpoilt: boolean): void {
    this.#loads.prepared(id);
    // Some module has not got what it wanted of the main side.
    if (isSpoilt) this.#listener.onSpoilt?.();
  }

  #forget(call: Call): void {
    this.#calls.delete(call);
    if (call.isHeld) this.release();
    this.#waits.forget(call.sentAs);
    call.stream?.detached();
  }

  #attach(call: Call, stream: CallStream<StreamLine>): void {
    stream.attached({
      hold: () => this.hold(),
      release: () => this.release(),
      catchUp: () => this.catchUp(),
      tell: (record, transfer) => this.#wire.outbox.send(record, transfer),
      interrupt: (reason) => this.interrupt(call, reason),
    });
  }

  #receive(message: unknown[]): void {
    this.#progress = now();
    this.#isReceiving = true;
    // A thread that says something does not sleep any more.
    this.#waits.end();
    try {
      this.#answers.read(message, this.#progress);
    } finally {
      this.#isReceiving = false;
    }
    this.#listener.onProgress();
  }

  #introduceContext(context: Carried | undefined): void {
    this.#wire.outbox.add(down.context(context));
    this.#context = context;
  }

  /** A message to the thread was lost, and nothing tells which call it belonged to: but to none that is small. */
  #unreadable(cause: unknown): void {
    const error = lossError('Cannot read a message of another thread: what it holds cannot be made there', cause);
    // The lost message may have had addresses, and a context.
    this.#defined.clear();
    this.#loads.forgetFunctions();
    this.#context = { variables: [], stores: [], holes: undefined };
    const left = this.takeBack();
    for (const call of left) if (!call.isMovable) fail(call, error());
    let isRunning = false;
    for (const call of this.#calls.all()) {
      call.fail(error());
      if (this.#hasBegun(call)) isRunning = true;
      // It has not started, and never will.
      else this.#forget(call);
    }
    // A call that could not be taken back stood before the ones that follow it.
    this.takeBack();
    // The lost message may have been a reply that the running call waits for.
    const end = isRunning ? 'now' : 'never';
    this.#listener.onLoss({ left: left.filter(({ settled }) => !settled), end });
    this.#listener.onProgress();
  }

  /**
   * The message `number` of the thread was lost. It may have been any answer of the calls that had begun when it was sent,
   * or what the last of them had to say. Those that began later have lost nothing, and go on.
   */
  #lose(cause: unknown, number: number): void {
    const error = lossError('Cannot read what a thread has sent: what it holds cannot be made here', cause);
    const left = this.takeBack();
    const sender = this.#wire.senderOf(number);
    const begun = this.#calls.all().filter((call) => this.#hasBegun(call));
    const safe = begun.filter(({ sentAs }) => sender !== undefined && ((sentAs - sender) | 0) > 0);
    for (const call of begun) {
      if (safe.includes(call)) continue;
      fail(call, error());
      if (safe.length > 0) this.#forget(call);
    }
    this.#listener.onLoss({ left, end: safe.length > 0 ? 'later' : 'now' });
  }
}

/** Rejects `call`, and takes back what it has lent. */
function fail(call: Call, error: OffloopError): void {
  call.fail(error);
  call.finished();
}

/** Whether `call`, the first that has not started, can be sent again, or does not need to be. */
function isFree(call: Call | undefined): boolean {
  return !call || call.settled || call.isResendable;
}

/** What a call with large arguments, or such as moved, has no copy of to send again. */
function lostWhile({ name }: Call, hasStarted: boolean): string {
  return hasStarted ? `while it ran ${name}` : `before it ran ${name}, whose arguments are gone`;
}

function lossError(text: string, cause: unknown): () => OffloopError {
  return () => new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, { cause });
}
