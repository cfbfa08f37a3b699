/** One call at the node that runs it. @module */

import { classNamed } from '../../address/class-named.ts';
import type { Definition } from '../../address/registry.ts';
import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { AbortController } from '../../base/intrinsics.ts';
import { OffloopError } from '../../base/errors.ts';
import { Call } from '../../call/call.ts';
import type { CallPlan } from '../../call/call-plan.ts';
import { Link } from '../../call/link.ts';
import type { Ring } from '../../channel/ring.ts';
import { Consumer } from '../../channel/consumer.ts';
import { holdIterable } from '../../channel/held-iterable.ts';
import { ThreadedIterator } from '../../channel/threaded-iterator.ts';
import type { ThreadPool } from '../../pool/thread-pool.ts';
import { decodeValue, encodeThrown, encodeValue } from '../values/bodies.ts';
import { runIn } from '../values/contexts.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import { Session } from '../values/session.ts';

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

/** A call that takes longer than this, in milliseconds, tells its caller that it runs. */
const soon = 5;

/**
 * A call: it waits for its arguments, runs, and is answered once.
 *
 * Invariant: `ended` is told once; nothing runs after that.
 */
export class NodeCall {
  readonly order: Order;

  /** The subject by which the queue is told of the call; another one after it was delivered again. */
  reply: string;

  /** Why the call was stopped by its node. */
  isOver = false;
  readonly #host: CallHost;
  readonly #definition: Definition;
  readonly #session: Session;
  readonly #aborting = new AbortController();
  #call: Call | undefined;
  #ran: number | undefined;
  #telling: Later | undefined;

  constructor(host: CallHost, definition: Definition, order: Order, reply: string) {
    this.#host = host;
    this.#definition = definition;
    this.order = order;
    this.reply = reply;
    this.#session = new Session({
      send: (op, facts, body) => host.send(order, op, facts, body),
      resolveClass: (name) => classNamed(definition, name),
    });
  }

  get name(): string {
    return this.#definition.name;
  }

  start(): void {
    const { isPlain, isIdempotent, body } = this.order;
    // One that must not run again is told of before it runs.
    if (!isPlain || !isIdempotent) this.#tell();
    if (isPlain) this.#run(body);
    if (isPlain && isIdempotent && !this.isOver) this.#telling = after(soon, () => this.#tell());
  }

  hear(frame: Frame): void {
    if (this.isOver) return;
    if (frame.op === Op.args) this.#run(frame.body);
    else if (frame.op === Op.abort) this.abort(decodeValue(frame.body));
    else this.#session.hear(frame);
  }

  /** Gives the call up: its function ends, or its thread is ended. */
  abort(reason: unknown): void {
    if (this.isOver) return;
    if (!this.#call) return this.#answer(false, reason);
    this.#aborting.abort(reason);
    if (this.order.maxSize === undefined) this.#call.abort(reason);
    // The generator ends; an error of its `finally` is the answer.
    else this.#session.close();
  }

  /** Answers with `error` whatever the function does: its thread is ended with the node. */
  fail(error: unknown): void {
    this.#answer(false, error);
  }

  #tell(): void {
    if (!this.isOver) this.#host.send(this.order, Op.started, []);
  }

  #run(body: Uint8Array): void {
    if (this.#call) return;
    try {
      const [args, context] = this.#session.decodeArguments(body);
      this.#call = runIn(context, () => this.#make(args));
      this.#call.observe({ settled: (_, __, ran) => (this.#ran = ran) });
      if (this.order.maxSize === undefined) this.#await(this.#call);
      else this.#iterate(this.#call, this.order.maxSize);
    } catch (error) {
      this.#answer(false, error);
    }
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
    const items = new ThreadedIterator(consumer);
    this.#session.send(holdIterable(items), (isReturned, value) => this.#answer(isReturned, value));
  }

  #answer(isReturned: boolean, value: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#telling?.cancel();
    const [op, body] = bodyOf(isReturned, value);
    this.#session.end();
    this.#host.ended(this);
    this.#host.send(this.order, op, [this.#ran], body, () => this.#host.taken(this));
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
export function stoppedError(name: string): OffloopError {
  const text = `The node was stopped while it ran ${name}: its outcome is unknown`;
  return new OffloopError('ERR_OFFLOOP_WORKER_EXIT', text);
}
