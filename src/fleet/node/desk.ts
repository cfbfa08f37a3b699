/** The calls that a node has, from their delivery until their callers have the answers. @module */

import { after, wallTime } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { ThreadPool } from '../../pool/thread-pool.ts';
import type { NatsMessage } from '../nats/client-types.ts';
import { encodeThrown } from '../values/bodies.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import { deliveryOf, Word } from './delivery.ts';
import { NodeCall } from './node-call.ts';
import type { CallHost, Order } from './node-call.ts';
import { orderIn } from './orders.ts';
import { functionAt } from './served.ts';
import type { Served } from './served.ts';

/** What the desk stands on. */
export interface DeskEnds {
  readonly pool: ThreadPool;
  readonly threads: number;
  readonly ackWait: number;
  send(
    caller: string,
    op: number,
    call: number,
    facts: readonly unknown[],
    body?: Uint8Array,
    taken?: () => void,
  ): void;

  /** Watches whether the caller lives. */
  hold(caller: string): void;
  release(caller: string): void;

  /** Tells the queue of a call. */
  say(reply: string, word: Uint8Array): void;

  /** Whether somebody hears what is sent to the caller. */
  isThere(caller: string): Promise<boolean>;
  refused(caller: string, error: unknown): void;

  /** There are more or fewer free threads than before. */
  changed(): void;
}

/** A call that has waited for so long, in milliseconds, may have been forgotten by its caller. */
const old = 10_000;

/** How many calls that are over are remembered, in case they are delivered once more. */
const mostRemembered = 10_000;

/**
 * The calls of a node.
 *
 * Invariant: a call that is not declared idempotent is run at its first delivery only; each call is answered once.
 */
export class Desk implements CallHost {
  lastError = '';
  readonly #ends: DeskEnds;
  readonly #calls = new Map<string, NodeCall>();
  readonly #running = new Set<NodeCall>();

  /** Calls that were delivered once more, and whose callers were asked what became of them. */
  readonly #asked = new Map<string, string>();
  readonly #over = new Set<string>();
  readonly #onEmpty: (() => void)[] = [];
  #claims = 0;
  #answered = 0;
  #failed = 0;

  constructor(ends: DeskEnds) {
    this.#ends = ends;
  }

  get pool(): ThreadPool {
    return this.#ends.pool;
  }

  /** How many calls it has. */
  get size(): number {
    return this.#calls.size + this.#claims;
  }

  /** How many threads have nothing to do. */
  get free(): number {
    return this.#ends.threads - this.#running.size - this.#claims;
  }

  get counts(): { readonly calls: number; readonly failed: number } {
    return { calls: this.#answered, failed: this.#failed };
  }

  /** The subjects by which the queues are told of the calls. */
  get replies(): readonly string[] {
    return Array.from(this.#calls.values(), ({ reply }) => reply);
  }

  /** Takes a call from the queue. */
  async take(served: Served, { data, reply = '' }: NatsMessage): Promise<void> {
    const { attempt, storedAt } = deliveryOf(reply);
    let caller = '';
    try {
      const { order, key } = orderIn(data);
      caller = order.caller;
      const isNew = attempt === 1 && wallTime() - storedAt < old;
      if (!isNew && !(await this.#isWanted(order, reply, attempt))) return this.#ends.changed();
      this.#start(served, order, key, reply);
    } catch (error) {
      this.#ends.refused(caller, error);
      this.#ends.say(reply, Word.never);
    }
    this.#ends.changed();
  }

  /** Reads a frame about a call. */
  hear(caller: string, frame: Frame): void {
    const id = idOf(caller, frame.call);
    const call = this.#calls.get(id);
    if (frame.op !== Op.forget) {
      if (call) call.hear(frame);
      return;
    }
    const reply = this.#asked.get(id);
    this.#asked.delete(id);
    if (reply !== undefined) this.#ends.say(reply, Word.never);
    call?.abort(new OffloopError('ERR_OFFLOOP_CLOSED', 'The caller does not want the call any more'));
  }

  /** Called when a caller is lost: nobody wants its calls. */
  lost(caller: string): void {
    for (const call of this.#calls.values()) {
      if (call.order.caller !== caller) continue;
      call.abort(new OffloopError('ERR_OFFLOOP_CLOSED', 'The caller is lost'));
      // A caller that only took this node for lost has another one run it.
      if (call.order.isIdempotent) this.#forget(call);
      else this.taken(call);
    }
  }

  /** Ends all calls that run. */
  stop(why: (call: NodeCall) => OffloopError): void {
    for (const call of this.#running) {
      // The queue gives it to another node.
      if (call.order.isIdempotent) {
        this.#ends.say(call.reply, Word.again);
        this.#forget(call);
      } else {
        call.fail(why(call));
      }
    }
  }

  /** Resolves once there are no calls. */
  async empty(): Promise<void> {
    if (this.size === 0) return;
    await new Promise<void>((resolve) => void this.#onEmpty.push(resolve));
  }

  send({ caller, call }: Order, op: number, facts: readonly unknown[], body?: Uint8Array, taken?: () => void): void {
    if (op === Op.returned || op === Op.threw) this.#answered += 1;
    if (op === Op.threw) this.#failed += 1;
    this.#ends.send(caller, op, call, facts, body, taken);
  }

  ended(call: NodeCall): void {
    if (this.#running.delete(call)) this.#ends.changed();
  }

  taken(call: NodeCall): void {
    const id = idOf(call.order.caller, call.order.call);
    if (this.#calls.get(id) !== call) return;
    this.#ends.say(call.reply, Word.done);
    this.#over.add(id);
    const [first] = this.#over;
    if (this.#over.size > mostRemembered && first !== undefined) this.#over.delete(first);
    this.#forget(call);
  }

  #start(served: Served, order: Order, key: unknown, reply: string): void {
    const { caller, call: number } = order;
    try {
      const call = new NodeCall(this, functionAt(served, key), order, reply);
      this.#calls.set(idOf(caller, number), call);
      this.#running.add(call);
      this.#ends.hold(caller);
      call.start();
    } catch (error) {
      // The caller is told why, and the queue that nobody else can run it either.
      this.#ends.refused(caller, error);
      this.lastError = String(error);
      this.#ends.send(caller, Op.threw, number, [undefined], encodeThrown(error), () =>
        this.#ends.say(reply, Word.done),
      );
    }
  }

  /** Whether a call is to be run that was delivered before, or has waited for long. */
  async #isWanted(order: Order, reply: string, attempt: number): Promise<boolean> {
    const { caller, call: number, isIdempotent } = order;
    const id = idOf(caller, number);
    const call = this.#calls.get(id);
    if (call) {
      // It runs here, and the queue has not heard of it for a while.
      call.reply = reply;
      return false;
    }
    if (this.#over.has(id)) {
      this.#ends.say(reply, Word.done);
      return false;
    }
    this.#claims += 1;
    try {
      if (!(await this.#ends.isThere(caller))) {
        this.#ends.say(reply, Word.never);
        return false;
      }
    } finally {
      this.#claims -= 1;
      this.#look();
    }
    if (attempt === 1 || isIdempotent) return true;
    this.#ask(order, reply);
    return false;
  }

  /** Asks the caller, who knows whether the node lives that had the call first. */
  #ask({ caller, call }: Order, reply: string): void {
    const id = idOf(caller, call);
    this.#asked.set(id, reply);
    this.#ends.send(caller, Op.again, call, []);
    // Later the queue delivers it again.
    after(this.#ends.ackWait, () => {
      if (this.#asked.get(id) === reply) this.#asked.delete(id);
    });
  }

  #forget(call: NodeCall): void {
    const { caller, call: number } = call.order;
    this.#calls.delete(idOf(caller, number));
    this.#running.delete(call);
    this.#ends.release(caller);
    this.#look();
  }

  #look(): void {
    if (this.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}

const idOf = (caller: string, call: number): string => `${caller}.${call}`;
