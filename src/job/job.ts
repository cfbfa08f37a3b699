/** One call in the thread that runs it. @module */

import { scopeValue } from '../address/scopes/captures.ts';
import type { Target } from '../address/find/find.ts';
import { packThrown, unpackThrown } from '../codec/errors/codec.ts';
import type { PackedThrown } from '../codec/errors/codec.ts';
import type { Hole } from '../codec/walk/hole.ts';
import { isPrimitive } from '../codec/quick/look.ts';
import type { Learnt } from '../codec/quick/learnt.ts';
import { Shapes } from '../codec/quick/shapes.ts';
import { unpack } from '../codec/walk/unpack.ts';
import type { Entered } from '../context/carried.ts';
import { apart } from '../context/here.ts';
import type { ListenerContext } from '../context/listener-context.ts';
import type { Surroundings } from '../context/surroundings.ts';
import { Watched } from '../channel/watched.ts';
import { Producer } from '../channel/producer.ts';
import type { StreamOffer } from '../channel/ring/ring.ts';
import { runAs } from './overlaps.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeLane, ExchangingCall } from './exchange.ts';
import { movingParts } from '../wire/moving-parts.ts';
import { Down } from '../wire/messages.ts';
import type { Fields, UpRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import { postItem, postResult } from '../wire/post.ts';
import * as up from '../wire/up.ts';
import { isThenable } from '../base/thenable.ts';

/** The lane, as a job knows it. */
export interface JobLane extends ExchangeLane {
  /** Runs the function, if given; `signal` gives the signal of the call. */
  enter?: ((signal: () => AbortSignal, run: () => unknown) => unknown) | undefined;

  /** Whether the main side is this very thread, so that nothing may block. */
  readonly isInline: boolean;
}

/** A function, and the facts learnt about its results. */
export interface Callee {
  readonly target: Target;
  readonly learnt: Learnt;
}

/**
 * A call in its thread: it waits, runs, and is answered once.
 *
 * Invariant: after `end` no record for the call has an effect, and no further record about it is sent.
 */
export class Job implements ExchangingCall {
  declare readonly id: number;
  declare readonly functionId: number;

  /** The ticket that the thread has to take to run the call; `0` if no other thread is offered the call. */
  declare readonly ticket: number;

  /** Whether the call arrived in a run, whose calls are known to take microseconds. */
  declare readonly isBrief: boolean;

  // Of TypeScript, not of JavaScript, and declared: all others would be made by one more function.
  declare private readonly tag: number;
  declare private readonly args: unknown[];
  declare private readonly holes: Hole[] | undefined;
  declare private readonly offer: StreamOffer | undefined;
  declare private readonly surroundings: Surroundings | undefined;
  declare private readonly lane: JobLane;
  declare private source: Function | undefined;
  declare private talk: Exchange | undefined;
  declare private producer: Producer | undefined;

  /**
   * A call that has arrived, with its arguments one by one, as a record of them would cost each call one more object.
   * `surroundings` is the part of the caller's context that was sent along.
   */
  constructor(
    lane: JobLane,
    tag: number,
    id: number,
    functionId: number,
    args: unknown[],
    surroundings: Surroundings | undefined,
    holes?: Hole[],
    offer?: StreamOffer,
    ticket = 0,
  ) {
    this.lane = lane;
    this.offer = offer;
    this.ticket = ticket;
    this.tag = tag;
    this.isBrief = tag === Down.shortCalls;
    this.id = id;
    this.functionId = functionId;
    this.args = args;
    this.holes = holes;
    this.surroundings = surroundings;
    this.source = undefined;
    this.talk = undefined;
    this.producer = undefined;
  }

  get isEnding(): boolean {
    return this.producer?.isEnding === true;
  }

  get entered(): Entered | undefined {
    return this.surroundings?.entered;
  }

  resolveClass(name: string): unknown {
    return this.source && scopeValue(this.source, name);
  }

  /** Sends the arguments of the call, which has not begun to run, back to the main side, which may have no copy. */
  handBack(): void {
    if (this.isBrief) return;
    const parts = movingParts([this.args, this.holes]);
    this.lane.outbox.send(up.handBack(this.id, this.args, this.holes, parts), parts);
  }

  /**
   * Calls the function with the arguments; returns or throws what it does. A listener of the port that calls this gives
   * its `context`, if that is clean.
   */
  invoke({ target }: Callee, context?: ListenerContext): unknown {
    const { enter, outbox } = this.lane;
    this.source = target.source;
    if (target.overlaps) this.talk?.throwIfGivenUp();
    if (this.holes) unpack(this.args, this.holes, this.exchange.scope);
    if (this.tag === Down.timedCall) outbox.send(up.started(this.id));
    if (!enter && !this.surroundings && !this.offer) {
      if (context?.isClean !== true)
        return target.overlaps ? apart(runAs, this, apply, this.args, target) : apart(apply, this.args, target);
      return target.overlaps ? runAs(this, applyIn, context, this.args, target) : context.run(apply, this.args, target);
    }
    const run = (): unknown => (target.overlaps ? runAs(this, () => this.#run(target)) : this.#run(target));
    const within = enter ? (): unknown => enter(() => this.exchange.signal(), run) : run;
    // The function may call `enterWith` of an `AsyncLocalStorage`: that must not affect the following calls.
    return this.surroundings ? this.surroundings.run(within) : apart(within);
  }

  #run(target: Target): unknown {
    return this.offer ? this.#stream(this.offer, target) : apply(this.args, target);
  }

  /**
   * Calls the function, and passes the items of its result to the consumer; gives the return value of the generator.
   */
  #stream(offer: StreamOffer, target: Target): unknown {
    const { outbox } = this.lane;
    const producer = this.#producerOf(offer);
    // If the consumer closed first, the function is not called.
    if (producer.isClosed) return undefined;
    if (offer.isTimed) outbox.send(up.started(this.id));
    const source = apply(this.args, target);
    const drive = (given: unknown): unknown =>
      this.lane.isInline || target.overlaps ? producer.driveInLoop(given) : producer.drive(given);
    if (source instanceof Watched) return watch(source, drive);
    return isThenable(source) ? source.then(drive) : drive(source);
  }

  /** Gives the producer, made at the first use: a value for the first item may arrive before the function is found. */
  #producerOf(offer: StreamOffer): Producer {
    const { outbox, pull } = this.lane;
    return (this.producer ??= new Producer(offer, {
      post: (number, item) => this.#postItem(number, item, outbox),
      ring: () => outbox.send(up.bell(this.id)),
      pull,
      hearsAll: false,
      isGivenUp: () => this.talk?.isGivenUp === true,
    }));
  }

  #postItem(number: number, item: unknown, outbox: Outbox<UpRecord>): void {
    postItem(item, (values, holes, transfer, isBuffer) =>
      outbox.send(up.item(this.id, values, holes, number, isBuffer), transfer),
    );
  }

  /** Called when the main side has sent a record for the running call. */
  hear(tag: number, fields: Fields): void {
    if (tag === Down.resume || tag === Down.wake) this.#resume(fields);
    else if (tag === Down.raise) this.#raise(fields);
    else this.exchange.hear(tag, fields);
  }

  /** Called when there is room again, or when the consumer has sent a value for the generator. */
  #resume([number, values, holes]: Fields): void {
    const sent = values as unknown[] | undefined;
    const [value] = sent && holes ? unpack(sent, holes as Hole[], this.talk?.scope ?? {}) : (sent ?? []);
    if (this.offer) this.#producerOf(this.offer).hear(number as number | undefined, sent && { does: 'next', value });
  }

  /** Called when the consumer has sent an error for the generator. */
  #raise([number, packed]: Fields): void {
    const error = unpackThrown(packed as PackedThrown, this.talk?.scope ?? {});
    if (this.offer) this.#producerOf(this.offer).hear(number as number | undefined, { does: 'throw', error });
  }

  /**
   * Answers at once with the primitive `value`, in a message that no other answer waits for, if nothing is left to wait
   * for; gives whether it did. The short way of {@link answer}.
   */
  answerPlain(value: unknown, time: number): boolean {
    if (this.talk !== undefined) return false;
    this.lane.outbox.sendRun(this.id, time, [value]);
    return true;
  }

  /**
   * Answers with the `value` that the function returned after `time` milliseconds; gives whether the answer waits in
   * the outbox.
   *
   * @throws The error of a callback's call that could not be sent and was not awaited.
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if `value` cannot cross.
   */
  answer(value: unknown, time: number, { learnt }: Callee): boolean {
    const { outbox } = this.lane;
    if (this.talk === undefined && isPrimitive(value)) {
      outbox.addToRun(this.id, this.functionId, time, time, [value]);
      return true;
    }
    const failure = this.talk?.failure();
    if (failure) throw failure.error;
    const loose = this.talk?.loose();
    const { shapes } = learnt;
    const leaves = loose || isPrimitive(value) ? undefined : shapes?.takeApart([value]);
    if (leaves) {
      outbox.addToRun(this.id, this.functionId, time, time, leaves, shapes?.fitted);
      return true;
    }
    let waits = false;
    const walked = postResult(value, learnt.needsWalk, (values, holes, transfer, isCopy) => {
      waits = isCopy;
      if (isCopy && !holes && !loose) this.#answerCopy(values, time, learnt);
      else if (isCopy) outbox.add(up.returned(this.id, values, holes, loose, time));
      else outbox.sendAlone(up.returned(this.id, values, holes, loose, time), transfer);
    });
    if (walked) learnt.needsWalk = true;
    return waits;
  }

  #answerCopy(values: unknown[], time: number, learnt: Learnt): void {
    this.lane.outbox.addToRun(this.id, this.functionId, time, time, values);
    if (this.isBrief && !isPrimitive(values[0])) (learnt.shapes ??= new Shapes()).learn(values);
  }

  /** Answers with the error that the function threw. */
  fail(error: unknown, time: number): void {
    this.lane.outbox.sendAlone(up.threw(this.id, packThrown(error), this.talk?.loose(), time));
  }

  /** The exchange of the call with the main side, made at the first use. */
  get exchange(): Exchange {
    return (this.talk ??= new Exchange(this.lane, this));
  }

  /** Called when the call is over. */
  end(): void {
    this.talk?.end();
  }
}

function apply(args: unknown[], { fn, owner, instance }: Target): unknown {
  if (!instance) return Reflect.apply(fn, owner, args);
  const [self, ...rest] = args;
  // `self` is a copy of the instance: a write to it would be lost silently, so it is frozen, and the write throws.
  return Reflect.apply(fn, Object.freeze(self), rest);
}

function applyIn(context: ListenerContext, args: unknown[], target: Target): unknown {
  return context.run(apply, args, target);
}

async function watch({ source, over }: Watched, drive: (source: unknown) => unknown): Promise<unknown> {
  try {
    return await drive(source);
  } finally {
    over();
  }
}
