/** One call in the thread that runs it. @module */

import { threadId } from 'node:worker_threads';
import { scopeValue } from '../address/captures.ts';
import type { Target } from '../address/find.ts';
import { packThrown, unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import type { HandleReply } from '../codec/handles.ts';
import { isPrimitive } from '../codec/look.ts';
import type { Shapes } from '../codec/shapes.ts';
import { unpack } from '../codec/unpack.ts';
import { carryChanges } from '../context/carried.ts';
import { apart } from '../context/here.ts';
import type { Surroundings } from '../context/surroundings.ts';
import { Producer } from '../stream/producer.ts';
import type { StreamOffer } from '../stream/ring.ts';
import type { WaitOptions } from './wait-options.ts';
import { CallBorrows } from './borrows.ts';
import { neverSettles } from './endless-wait.ts';
import { Interruption } from './interruption.ts';
import { Cell, Down, Up } from './messages.ts';
import type { UpRecord } from './messages.ts';
import type { Outbox } from './outbox.ts';
import { postItem, postResult } from './post.ts';
import type { CallbackName, RunningCall } from './running-call.ts';
import { isThenable } from './thenable.ts';

/** What a job needs of its lane. */
export interface JobLane {
  readonly outbox: Outbox<UpRecord>;
  readonly control: Int32Array;

  /** Reads the messages that have arrived. */
  pull(): void;

  /** The id by which the main side knows a function that it has as well. */
  idOf(name: Exclude<CallbackName, number>): number;

  /** Runs the function; `signal` gives the call's. */
  enter?: ((signal: () => AbortSignal, run: () => unknown) => unknown) | undefined;
}

/** What is known of the results of a function. */
export interface Results {
  /** Whether one needed the complete walk: they take it from then on. */
  needWalk: boolean;
  readonly shapes: Shapes;
}

/** A call as it has arrived. */
export interface ArrivedCall {
  readonly tag: number;
  readonly id: number;
  readonly functionId: number;
  readonly args: unknown[];
  readonly holes: Hole[] | undefined;
  readonly offer: StreamOffer | undefined;

  /** What goes along of its caller's context. */
  readonly surroundings: Surroundings | undefined;
}

/**
 * A call that has arrived: it waits, runs, and answers once.
 *
 * Invariant: what it borrows of the main side is released when it ends.
 */
export class Job implements RunningCall {
  readonly id: number;
  readonly functionId: number;
  readonly #tag: number;
  readonly #args: unknown[];
  readonly #holes: Hole[] | undefined;
  readonly #offer: StreamOffer | undefined;
  readonly #surroundings: Surroundings | undefined;
  readonly #lane: JobLane;
  #fn: Function | undefined;
  #borrows: CallBorrows | undefined;
  #interruption: Interruption | undefined;
  #producer: Producer | undefined;

  /** What was given up: the call, with a reason, and the wait that nobody is left to end. */
  #aborted: { readonly reason: unknown } | undefined;
  #givenUp: number | undefined;

  /** Whether a wait has thrown the reason: those that follow are of who cleans up. */
  #isTold = false;

  /** How many messages there were when they were last read by a wait. */
  #seen: number | undefined;

  /** What the main side was told that the thread may hold. */
  #held: Set<Int32Array> | undefined;

  constructor(lane: JobLane, { tag, id, functionId, args, holes, offer, surroundings }: ArrivedCall) {
    this.#lane = lane;
    this.#offer = offer;
    this.#tag = tag;
    this.id = id;
    this.functionId = functionId;
    this.#args = args;
    this.#holes = holes;
    this.#surroundings = surroundings;
  }

  get control(): Int32Array {
    return this.#lane.control;
  }

  /** Whether it came in a run of calls of which each is known to take microseconds. */
  get isBrief(): boolean {
    return this.#tag === Down.shortCalls;
  }

  /** Calls the function with the arguments; gives what it returns, throws what it throws. */
  invoke(target: Target): unknown {
    const { enter, outbox } = this.#lane;
    this.#fn = target.fn;
    if (this.#holes) unpack(this.#args, this.#holes, this.#borrowed.scope);
    if (this.#tag === Down.timedCall) outbox.send([Up.started, this.id, undefined, undefined, undefined, undefined]);
    const run = (): unknown => (this.#offer ? this.#stream(this.#offer, target) : apply(this.#args, target));
    const surroundings = this.#surroundings;
    const within = surroundings ? (): unknown => surroundings.run(run) : run;
    // What it enters of `AsyncLocalStorage` is not for the calls that follow.
    return apart(enter ? () => enter(() => this.signal(), within) : within);
  }

  /** Gives the consumer the items of what the function returns; gives what its generator returns. */
  #stream(offer: StreamOffer, target: Target): unknown {
    const { outbox, pull } = this.#lane;
    const producer = new Producer(offer, {
      post: (number, item) => this.#postItem(number, item, outbox),
      ring: () => outbox.send([Up.bell, this.id, undefined, undefined, undefined, undefined]),
      pull,
    });
    this.#producer = producer;
    // Who has closed it before it began wants nothing of it.
    if (producer.isClosed) return undefined;
    const source = apply(this.#args, target);
    return isThenable(source) ? source.then((given) => producer.drive(given)) : producer.drive(source);
  }

  #postItem(number: number, item: unknown, outbox: Outbox<UpRecord>): void {
    postItem(item, (values, holes, transfer, isBuffer) =>
      outbox.send([Up.item, this.id, values, holes, number, isBuffer], transfer),
    );
  }

  /** The consumer has sent a value or an error for the generator, or there is room again. */
  resume(number: number | undefined, values: unknown[] | undefined, holes: Hole[] | undefined): void {
    const [value] = values && holes ? unpack(values, holes, this.#borrows?.scope ?? {}) : (values ?? []);
    this.#producer?.hear(number, values && { does: 'next', value });
  }

  raise(number: number | undefined, packed: PackedThrown): void {
    this.#producer?.hear(number, { does: 'throw', error: unpackThrown(packed, this.#borrows?.scope ?? {}) });
  }

  signal(): AbortSignal {
    return this.#interrupted.signal;
  }

  beginWait(): void {
    if (this.#producer?.isEnding && !this.#isTold) {
      this.#lane.pull();
      this.#isTold = this.#aborted !== undefined;
    }
    Atomics.store(this.#lane.control, Cell.waiting, this.id);
  }

  endWait(): void {
    Atomics.store(this.#lane.control, Cell.waiting, 0);
  }

  look(wait: number): void {
    const { control, pull } = this.#lane;
    const count = Atomics.load(control, Cell.down);
    if (count !== this.#seen) pull();
    this.#seen = count;
    if (this.#aborted && !this.#isTold) {
      this.#isTold = true;
      throw this.#aborted.reason;
    }
    if (this.#givenUp === wait) throw neverSettles();
  }

  sleeps(wait: number, words: Int32Array, at: number, isEndless: boolean): void {
    this.#lane.outbox.send([Up.sleeps, this.id, wait, words, at, isEndless]);
  }

  holds(kind: string, words: Int32Array): void {
    this.#held ??= new Set();
    if (this.#held.has(words)) return;
    this.#held.add(words);
    this.#lane.outbox.send([Up.holds, threadId, kind, words, undefined, undefined]);
  }

  callBack(name: CallbackName, args: unknown[]): HandleReply {
    return this.#borrowed.callBack(this.#idOf(name), args);
  }

  waitFor(name: CallbackName, args: unknown[], options: WaitOptions): unknown {
    return this.#borrowed.waitFor(this.#idOf(name), args, options);
  }

  /**
   * Answers with what the function returned, after `time` milliseconds; says whether the answer waits in the outbox.
   *
   * @throws What a callback threw whose result nobody took, or `ERR_OFFLOOP_NOT_CLONEABLE`.
   */
  answer(value: unknown, time: number, results: Results): boolean {
    const { outbox } = this.#lane;
    const failure = this.#borrows?.failure();
    if (failure) throw failure.error;
    const loose = this.#borrows?.loose();
    const { shapes } = results;
    const leaves = loose || isPrimitive(value) ? undefined : shapes.takeApart([value]);
    if (leaves) {
      outbox.addToRun(this.id, this.functionId, time, time, leaves, shapes.fitted);
      return true;
    }
    let waits = false;
    const walked = postResult(value, results.needWalk, (values, holes, transfer, isCopy) => {
      waits = isCopy;
      if (isCopy && !holes && !loose) this.#answerPlain(values, time, shapes);
      else if (isCopy) outbox.add([Up.returned, this.id, values, holes, loose, time]);
      else outbox.send([Up.returned, this.id, values, holes, loose, time], transfer);
    });
    if (walked) results.needWalk = true;
    return waits;
  }

  #answerPlain(values: unknown[], time: number, shapes: Shapes): void {
    this.#lane.outbox.addToRun(this.id, this.functionId, time, time, values);
    if (this.isBrief && !isPrimitive(values[0])) shapes.learn(values);
  }

  /** Answers with what the function threw. The answer waits in the outbox. */
  fail(error: unknown, time: number): void {
    this.#lane.outbox.add([Up.threw, this.id, packThrown(error), undefined, this.#borrows?.loose(), time]);
  }

  reply(replyId: number, values: unknown[], holes: Hole[] | undefined): void {
    this.#borrows?.reply(replyId, values, holes);
  }

  fault(replyId: number, thrown: unknown): void {
    this.#borrows?.fault(replyId, thrown);
  }

  /** An iterable of the arguments has an item that is not in shared memory. */
  sourceItem(id: number, values: unknown[], holes: Hole[] | undefined, [number, isBuffer]: [number, boolean]): void {
    this.#borrows?.iterable(id)?.heard(number, values, holes, isBuffer);
  }

  /** An iterable of the arguments has no more items, or has thrown. */
  sourceEnd(id: number, packed: PackedThrown | undefined): void {
    const items = this.#borrows?.iterable(id);
    if (packed === undefined) items?.ended({ isError: false });
    else items?.ended({ isError: true, error: unpackThrown(packed, this.#borrows?.scope ?? {}) });
  }

  /** An iterable of the arguments has items in shared memory. */
  sourceBell(id: number): void {
    this.#borrows?.iterable(id)?.woken();
  }

  /** The call was given up: whoever looks at its signal or awaits a callback is told. */
  interrupt(packed: PackedThrown): void {
    const reason = unpackThrown(packed, this.#borrows?.scope ?? {});
    this.#aborted ??= { reason };
    this.#interrupted.give(reason);
    this.#borrows?.interrupt(reason);
  }

  /** Nobody is left who could end the wait `wait`. */
  giveUp(wait: number): void {
    this.#givenUp = wait;
  }

  /** Takes back what it borrowed. */
  end(): void {
    this.#borrows?.release();
    this.#interruption?.end();
  }

  get #interrupted(): Interruption {
    const { control, pull } = this.#lane;
    return (this.#interruption ??= new Interruption(this.id, control, pull));
  }

  get #borrowed(): CallBorrows {
    const { control, outbox, pull } = this.#lane;
    return (this.#borrows ??= new CallBorrows({
      callId: this.id,
      control,
      outbox,
      resolveClass: (name) => this.#fn && scopeValue(this.#fn, name),
      pull,
      aborted: () => {
        if (!this.#aborted && Atomics.load(control, Cell.aborted) === this.id) pull();
        return this.#aborted;
      },
      beginWait: () => this.beginWait(),
      endWait: () => this.endWait(),
      changes: () => carryChanges(this.#surroundings?.entered),
    }));
  }

  #idOf(name: CallbackName): number {
    return typeof name === 'number' ? name : -this.#lane.idOf(name);
  }
}

function apply(args: unknown[], { fn, owner, instance }: Target): unknown {
  if (!instance) return Reflect.apply(fn, owner, args);
  const [self, ...rest] = args;
  // A write to a copy would vanish; on a frozen one it throws.
  return Reflect.apply(fn, Object.freeze(self), rest);
}
