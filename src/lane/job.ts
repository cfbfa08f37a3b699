/** One call in the thread that runs it. @module */

import { scopeValue } from '../address/captures.ts';
import type { Target } from '../address/find.ts';
import { packThrown, unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { Cell, Down, Up } from './messages.ts';
import type { UpRecord } from './messages.ts';
import { unpack } from '../codec/unpack.ts';
import { Producer } from '../stream/producer.ts';
import type { StreamOffer } from '../stream/ring.ts';
import { CallBorrows } from './borrows.ts';
import { Interruption } from './interruption.ts';
import type { Outbox } from './outbox.ts';
import { postItem, postResult } from './post.ts';
import { isThenable } from './thenable.ts';

/** What a job needs of its lane. */
export interface JobLane {
  readonly outbox: Outbox<UpRecord>;
  readonly control: Int32Array;

  /** Reads the messages that have arrived. */
  pull(): void;

  /** Runs the function; `signal` gives the call's. */
  enter?: ((signal: () => AbortSignal, run: () => unknown) => unknown) | undefined;
}

/** Functions (by id) whose results once needed the complete walk: they take it from then on. */
export type Walkers = Set<number>;

/**
 * A call that has arrived: it waits, runs, and answers once.
 *
 * Invariant: what it borrows of the main side is released when it ends.
 */
export class Job {
  readonly callId: number;
  readonly functionId: number;
  readonly #tag: number;
  readonly #args: unknown[];
  readonly #holes: Hole[] | undefined;
  #borrows: CallBorrows | undefined;
  #interruption: Interruption | undefined;
  readonly #offer: StreamOffer | undefined;
  #producer: Producer | undefined;

  constructor(
    tag: number,
    callId: number,
    functionId: number,
    args: unknown[],
    holes: Hole[] | undefined,
    offer: StreamOffer | undefined,
  ) {
    this.#offer = offer;
    this.#tag = tag;
    this.callId = callId;
    this.functionId = functionId;
    this.#args = args;
    this.#holes = holes;
  }

  /** Whether it is known to take microseconds, so that looking for the next one pays. */
  get isShort(): boolean {
    return this.#tag === Down.shortCalls;
  }

  /** Calls the function with the arguments; gives what it returns, throws what it throws. */
  invoke(target: Target, lane: JobLane): unknown {
    if (this.#holes) {
      const resolveClass = (name: string): unknown => scopeValue(target.fn, name);
      this.#borrows = new CallBorrows(this.callId, lane.outbox, resolveClass, {
        pull: lane.pull,
        isAborted: () => Atomics.load(lane.control, Cell.aborted) === this.callId,
      });
      unpack(this.#args, this.#holes, this.#borrows.scope);
    }
    if (this.#tag === Down.timedCall)
      lane.outbox.send([Up.started, this.callId, undefined, undefined, undefined, undefined]);
    const run = (): unknown => (this.#offer ? this.#stream(this.#offer, target, lane) : apply(this.#args, target));
    return lane.enter ? lane.enter(() => this.signal(lane), run) : run();
  }

  /** Gives the consumer the items of what the function returns; gives what its generator returns. */
  #stream(offer: StreamOffer, target: Target, { outbox, pull }: JobLane): unknown {
    const producer = new Producer(offer, {
      post: (number, item) => this.#postItem(number, item, outbox),
      ring: () => outbox.send([Up.bell, this.callId, undefined, undefined, undefined, undefined]),
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
      outbox.send([Up.item, this.callId, values, holes, number, isBuffer], transfer),
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

  /** The call's signal, for its function. */
  signal(lane: JobLane): AbortSignal {
    return this.#interruptionIn(lane).signal;
  }

  /**
   * Answers with what the function returned, after `time` milliseconds; says whether the answer waits in the outbox.
   *
   * @throws What a callback threw whose result nobody took, or `ERR_OFFLOOP_NOT_CLONEABLE`.
   */
  answer(value: unknown, time: number, { outbox }: JobLane, walkers: Walkers): boolean {
    const failure = this.#borrows?.failure();
    if (failure) throw failure.error;
    let waits = false;
    const loose = this.#borrows?.loose();
    const walked = postResult(value, walkers.has(this.functionId), (values, holes, transfer, isCopy) => {
      waits = isCopy;
      if (isCopy && !holes && !loose) outbox.addToRun(this.callId, this.functionId, time, time, values);
      else if (isCopy) outbox.add([Up.returned, this.callId, values, holes, loose, time]);
      else outbox.send([Up.returned, this.callId, values, holes, loose, time], transfer);
    });
    if (walked) walkers.add(this.functionId);
    return waits;
  }

  /** Answers with what the function threw. The answer waits in the outbox. */
  fail(error: unknown, time: number, { outbox }: JobLane): void {
    outbox.add([Up.threw, this.callId, packThrown(error), undefined, this.#borrows?.loose(), time]);
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
  interrupt(packed: PackedThrown, lane: JobLane): void {
    const reason = unpackThrown(packed, this.#borrows?.scope ?? {});
    this.#interruptionIn(lane).give(reason);
    this.#borrows?.interrupt(reason);
  }

  /** Takes back what it borrowed. */
  end(): void {
    this.#borrows?.release();
    this.#interruption?.end();
  }

  #interruptionIn({ control, pull }: JobLane): Interruption {
    return (this.#interruption ??= new Interruption(this.callId, control, pull));
  }
}

function apply(args: unknown[], { fn, owner, instance }: Target): unknown {
  if (!instance) return Reflect.apply(fn, owner, args);
  const [self, ...rest] = args;
  // A write to a copy would vanish; on a frozen one it throws.
  return Reflect.apply(fn, Object.freeze(self), rest);
}
