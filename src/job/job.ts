/** One call in the thread that runs it. @module */

import { scopeValue } from '../address/captures.ts';
import type { Target } from '../address/find.ts';
import { packThrown, unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { isPrimitive } from '../codec/look.ts';
import type { Learnt } from '../codec/learnt.ts';
import { Shapes } from '../codec/shapes.ts';
import { unpack } from '../codec/unpack.ts';
import type { Entered } from '../context/carried.ts';
import { apart } from '../context/here.ts';
import type { Surroundings } from '../context/surroundings.ts';
import { Producer } from '../channel/producer.ts';
import type { StreamOffer } from '../channel/ring.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeLane, ExchangingCall } from './exchange.ts';
import { movingParts } from '../wire/moving-parts.ts';
import { Down } from '../wire/messages.ts';
import type { Fields, UpRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import { postItem, postResult } from '../wire/post.ts';
import * as up from '../wire/up.ts';
import { isThenable } from '../base/thenable.ts';

/** What a job needs of its lane. */
export interface JobLane extends ExchangeLane {
  /** Runs the function; `signal` gives the call's. */
  enter?: ((signal: () => AbortSignal, run: () => unknown) => unknown) | undefined;

  /** Whether the main side is this very thread, so that nothing may block. */
  readonly isInline: boolean;
}

/** A function, and what is known of its results. */
export interface Callee {
  readonly target: Target;
  readonly learnt: Learnt;
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
 * Invariant: after `end` nothing of it is heard or told any more.
 */
export class Job implements ExchangingCall {
  readonly id: number;
  readonly functionId: number;
  readonly #tag: number;
  readonly #args: unknown[];
  readonly #holes: Hole[] | undefined;
  readonly #offer: StreamOffer | undefined;
  readonly #surroundings: Surroundings | undefined;
  readonly #lane: JobLane;
  #fn: Function | undefined;
  #exchange: Exchange | undefined;
  #producer: Producer | undefined;

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

  /** Whether it came in a run of calls of which each is known to take microseconds. */
  get isBrief(): boolean {
    return this.#tag === Down.shortCalls;
  }

  get isEnding(): boolean {
    return this.#producer?.isEnding === true;
  }

  get entered(): Entered | undefined {
    return this.#surroundings?.entered;
  }

  resolveClass(name: string): unknown {
    return this.#fn && scopeValue(this.#fn, name);
  }

  /** Sends the arguments of the call back, which has not begun to run: the main side need not have them any more. */
  handBack(): void {
    if (this.isBrief) return;
    const parts = movingParts([this.#args, this.#holes]);
    this.#lane.outbox.send(up.handBack(this.id, this.#args, this.#holes, parts), parts);
  }

  /** Calls the function with the arguments; gives what it returns, throws what it throws. */
  invoke({ target }: Callee): unknown {
    const { enter, outbox } = this.#lane;
    this.#fn = target.fn;
    if (this.#holes) unpack(this.#args, this.#holes, this.exchange.scope);
    if (this.#tag === Down.timedCall) outbox.send(up.started(this.id));
    if (!enter && !this.#surroundings && !this.#offer) return apart(apply, this.#args, target);
    const run = (): unknown => (this.#offer ? this.#stream(this.#offer, target) : apply(this.#args, target));
    const within = enter ? (): unknown => enter(() => this.exchange.signal(), run) : run;
    // What it enters of `AsyncLocalStorage` is not for the calls that follow.
    return this.#surroundings ? this.#surroundings.run(within) : apart(within);
  }

  /** Gives the consumer the items of what the function returns; gives what its generator returns. */
  #stream(offer: StreamOffer, target: Target): unknown {
    const { outbox } = this.#lane;
    const producer = this.#producerOf(offer);
    // If the consumer closed first, the function is not called.
    if (producer.isClosed) return undefined;
    if (offer.isTimed) outbox.send(up.started(this.id));
    const source = apply(this.#args, target);
    const drive = (given: unknown): unknown =>
      this.#lane.isInline ? producer.driveInLoop(given) : producer.drive(given);
    return isThenable(source) ? source.then(drive) : drive(source);
  }

  /** Made when it is needed: what is sent for the first item may come before the function is there. */
  #producerOf(offer: StreamOffer): Producer {
    const { outbox, pull } = this.#lane;
    return (this.#producer ??= new Producer(offer, {
      post: (number, item) => this.#postItem(number, item, outbox),
      ring: () => outbox.send(up.bell(this.id)),
      pull,
      hearsAll: false,
      isGivenUp: () => this.#exchange?.isGivenUp === true,
    }));
  }

  #postItem(number: number, item: unknown, outbox: Outbox<UpRecord>): void {
    postItem(item, (values, holes, transfer, isBuffer) =>
      outbox.send(up.item(this.id, values, holes, number, isBuffer), transfer),
    );
  }

  /** The main side says something to the call while it runs. */
  hear(tag: number, fields: Fields): void {
    if (tag === Down.resume || tag === Down.wake) this.#resume(fields);
    else if (tag === Down.raise) this.#raise(fields);
    else this.exchange.hear(tag, fields);
  }

  /** There is room again, or the consumer has sent a value for the generator. */
  #resume([number, values, holes]: Fields): void {
    const sent = values as unknown[] | undefined;
    const [value] = sent && holes ? unpack(sent, holes as Hole[], this.#exchange?.scope ?? {}) : (sent ?? []);
    if (this.#offer) this.#producerOf(this.#offer).hear(number as number | undefined, sent && { does: 'next', value });
  }

  /** The consumer has sent an error for the generator. */
  #raise([number, packed]: Fields): void {
    const error = unpackThrown(packed as PackedThrown, this.#exchange?.scope ?? {});
    if (this.#offer) this.#producerOf(this.#offer).hear(number as number | undefined, { does: 'throw', error });
  }

  /**
   * Answers with what the function returned, after `time` milliseconds; says whether the answer waits in the outbox.
   *
   * @throws What a callback threw whose result nobody took, or `ERR_OFFLOOP_NOT_CLONEABLE`.
   */
  answer(value: unknown, time: number, { learnt }: Callee): boolean {
    const { outbox } = this.#lane;
    const failure = this.#exchange?.failure();
    if (failure) throw failure.error;
    const loose = this.#exchange?.loose();
    const { shapes } = learnt;
    const leaves = loose || isPrimitive(value) ? undefined : shapes?.takeApart([value]);
    if (leaves) {
      outbox.addToRun(this.id, this.functionId, time, time, leaves, shapes?.fitted);
      return true;
    }
    let waits = false;
    const walked = postResult(value, learnt.needsWalk, (values, holes, transfer, isCopy) => {
      waits = isCopy;
      if (isCopy && !holes && !loose) this.#answerPlain(values, time, learnt);
      else if (isCopy) outbox.add(up.returned(this.id, values, holes, loose, time));
      else outbox.sendAlone(up.returned(this.id, values, holes, loose, time), transfer);
    });
    if (walked) learnt.needsWalk = true;
    return waits;
  }

  #answerPlain(values: unknown[], time: number, learnt: Learnt): void {
    this.#lane.outbox.addToRun(this.id, this.functionId, time, time, values);
    if (this.isBrief && !isPrimitive(values[0])) (learnt.shapes ??= new Shapes()).learn(values);
  }

  /** Answers with what the function threw. */
  fail(error: unknown, time: number): void {
    this.#lane.outbox.sendAlone(up.threw(this.id, packThrown(error), this.#exchange?.loose(), time));
  }

  /** What it has to do with the main side beside its answer. */
  get exchange(): Exchange {
    return (this.#exchange ??= new Exchange(this.#lane, this));
  }

  /** It is over. */
  end(): void {
    this.#exchange?.end();
  }
}

function apply(args: unknown[], { fn, owner, instance }: Target): unknown {
  if (!instance) return Reflect.apply(fn, owner, args);
  const [self, ...rest] = args;
  // A write to a copy would vanish; on a frozen one it throws.
  return Reflect.apply(fn, Object.freeze(self), rest);
}
