/** One call at the node that runs it. @module */

import { classNamed } from '../../address/find/class-named.ts';
import type { Definition } from '../../address/registry.ts';
import { now } from '../../base/clock.ts';
import { AbortController } from '../../base/intrinsics.ts';
import { WorkerExitError } from '../../base/errors.ts';
import type { OffloopError } from '../../base/errors.ts';
import { Call } from '../../call/call.ts';
import type { CallPlan } from '../../call/call-plan.ts';
import { Link } from '../../call/link.ts';
import type { Ring } from '../../channel/ring/ring.ts';
import { Consumer } from '../../channel/consumer/consumer.ts';
import { holdIterable } from '../../channel/adapters/held.ts';
import type { ThreadPool } from '../../pool/thread-pool.ts';
import { decodeValue, encodeThrown, encodeValue } from '../values/bodies.ts';
import { runIn } from '../values/contexts.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import { windowOf } from '../values/intake.ts';
import { argumentsIn, Session } from '../values/session.ts';
import { ThreadItems } from './thread-items.ts';

/** What a caller wants. */
export interface Order {
  readonly caller: string;
  readonly call: number;

  /** Whether the arguments are in the order itself, or come over the line. */
  readonly isPlain: boolean;
  readonly isIdempotent: boolean;

  /** How long it may run, in milliseconds. */
  readonly timeout: number;

  /** How many items may wait, if the result is iterated over. */
  readonly maxSize: number | undefined;

  /** How long its generator may take to end once it is closed, in milliseconds. */
  readonly closeTimeout: number;

  /** How many lines its caller had given up when it made the call. */
  readonly losses: number;
  readonly body: Uint8Array;
}

/** The node, as its calls know it. */
export interface CallHost {
  readonly pool: ThreadPool;
  send(order: Order, op: number, facts: readonly unknown[], body?: Uint8Array, taken?: () => void): void;

  /** The function has ended, and its thread is free. */
  ended(call: NodeCall): void;

  /** The caller has what came out. */
  taken(call: NodeCall): void;
}

/**
 * A call: it waits for its arguments, runs, and is answered once.
 *
 * Invariant: `ended` is told once; nothing runs after that.
 */
export class NodeCall {
  readonly order: Order;

  /** The subject by which the queue is told of the call; another one after it was delivered again. */
  reply: string;

  /** Whether it is answered, or nobody is to be answered. */
  isOver = false;
  readonly #host: CallHost;
  readonly #definition: Definition;
  #session: Session | undefined;
  readonly #aborting = new AbortController();
  #call: Call | undefined;
  #ran: number | undefined;
  #isTold = false;

  constructor(host: CallHost, definition: Definition, order: Order, reply: string) {
    this.#host = host;
    this.#definition = definition;
    this.order = order;
    this.reply = reply;
  }

  get name(): string {
    return this.#definition.name;
  }

  /** Whether its caller has not been told that it is here, though it may have begun. */
  get isOwed(): boolean {
    return !this.isOver && !this.#isTold;
  }

  start(): void {
    const { isPlain, maxSize, body } = this.order;
    // Step by step nothing comes before the caller has asked for it.
    if (!isPlain || maxSize === 0) this.tell();
    if (isPlain) this.#run(body);
  }

  /** Tells the caller that the call is here. */
  tell(): void {
    if (!this.isOwed) return;
    this.#isTold = true;
    this.#host.send(this.order, Op.started, []);
  }

  hear(frame: Frame): void {
    if (this.isOver) return;
    if (frame.op === Op.args) this.#run(frame.body);
    else if (frame.op === Op.abort) this.abort(decodeValue(frame.body));
    else this.#session?.hear(frame);
  }

  /** Gives the call up: its function ends, or its thread is ended. */
  abort(reason: unknown): void {
    if (this.isOver) return;
    if (!this.#call) return this.#answer(false, reason);
    this.#aborting.abort(reason);
    if (this.order.maxSize === undefined) this.#call.abort(reason);
    // The generator ends; an error of its `finally` is the answer.
    else this.#session?.close();
  }

  /** As {@link abort}, and nobody is answered. */
  leave(reason: OffloopError): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#aborting.abort(reason);
    this.#session?.end(reason);
    if (this.order.maxSize === undefined) this.#call?.abort(reason);
  }

  /** Answers with `error` whatever the function does: its thread is ended with the node. */
  fail(error: unknown): void {
    this.#answer(false, error);
  }

  #run(body: Uint8Array): void {
    if (this.#call) return;
    try {
      const [args, context] = this.#decode(body);
      this.#call = runIn(context, () => this.#make(args));
      this.#call.observe({ settled: (_, __, ran) => (this.#ran = ran) });
      if (this.order.maxSize === undefined) this.#await(this.#call);
      else this.#iterate(this.#call, this.order.maxSize);
    } catch (error) {
      this.#answer(false, error);
    }
  }

  /** The arguments and the context; a plain call has nothing among them that stays with its caller. */
  #decode(body: Uint8Array): readonly [args: unknown[], context: unknown] {
    const resolveClass = (name: string): unknown => classNamed(this.#definition, name);
    const { isPlain, maxSize } = this.order;
    if (!isPlain || maxSize !== undefined)
      this.#session = new Session({
        send: (op, facts, bytes) => {
          this.#isTold = true;
          this.#host.send(this.order, op, facts, bytes);
        },
        resolveClass,
      });
    if (this.#session && !isPlain) return this.#session.decodeArguments(body);
    return argumentsIn(decodeValue(body, { resolveClass }));
  }

  #make(args: unknown[]): Call {
    const timeout = this.order.maxSize === undefined ? this.order.timeout : Infinity;
    const plan: CallPlan = { timeout, queueTimeout: Infinity, priority: 0 };
    return new Call(this.#definition, args, plan, { at: now() });
  }

  #await(call: Call): void {
    call.promise.then(
      (value) => this.#answer(true, value),
      (error: unknown) => this.#answer(false, error),
    );
    this.#host.pool.submit(call);
  }

  #iterate(call: Call, maxSize: number): void {
    call.lent?.keep();
    const consumer = new Consumer(
      {
        call,
        link: (ring: Ring) => new Link(call, ring, maxSize),
        submit: () => this.#host.pool.submit(call),
      },
      { maxSize, overflow: 'block', closeTimeout: this.order.closeTimeout, signal: this.#aborting.signal },
    );
    this.#session?.send(holdIterable(new ThreadItems(consumer)), (isReturned, value) =>
      this.#answer(isReturned, value),
    );
    if (this.order.isPlain) this.#session?.askFirst(windowOf(maxSize));
  }

  #answer(isReturned: boolean, value: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    const [op, body] = bodyOf(isReturned, value);
    this.#session?.end();
    this.#host.send(this.order, op, [this.#ran], body, () => this.#host.taken(this));
    this.#host.ended(this);
  }
}

function bodyOf(isReturned: boolean, value: unknown): readonly [op: number, body: Uint8Array] {
  if (!isReturned) return [Op.threw, encodeThrown(value)];
  try {
    return [Op.returned, encodeValue(value, { root: 'the result' })];
  } catch (error) {
    return [Op.threw, encodeThrown(error)];
  }
}

/** The error of a call whose node was told to end before the call had. */
export function stoppedError(name: string): WorkerExitError {
  const text = `The node was stopped while it ran ${name}: its outcome is unknown`;
  return new WorkerExitError(text);
}
