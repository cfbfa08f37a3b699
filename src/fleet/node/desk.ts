/** The calls that a node has, from their delivery until their callers have the answers. @module */

import type { Definition } from '../../address/registry.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { ThreadPool } from '../../pool/thread-pool.ts';
import type { NatsMessage } from '../../nats/client-types.ts';
import { encodeThrown } from '../values/bodies.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import { BusyWatch } from './busy-watch.ts';
import { deliveryOf, Word } from './delivery.ts';
import type { DeskEnds } from './desk-ends.ts';
import { FoundFunctions } from './found-functions.ts';
import { NodeCall } from './node-call.ts';
import type { CallHost, Order } from './node-call.ts';
import { idOf, orderIn } from './orders.ts';
import { Owed } from './owed.ts';
import { Questions } from './questions.ts';
import { Remembered } from './remembered.ts';
import type { Served } from './served.ts';

/**
 * The calls of a node.
 *
 * Invariant: a call is run without a question only if this is certainly its first delivery, and its caller counts this node among
 * those that may have it: it has lost no line since it knew this node and made the call, and is told of it before it hears that
 * nothing is on the way to it. So a caller always knows whether another node may have begun a call. One that may run again needs
 * none of this.
 */
export class Desk implements CallHost {
  lastError = '';
  readonly #ends: DeskEnds;
  readonly #calls = new Map<string, NodeCall>();
  readonly #running = new Set<NodeCall>();
  readonly #questions: Questions;
  readonly #over = new Remembered();
  readonly #found = new FoundFunctions();
  readonly #watch: BusyWatch;
  readonly #onEmpty: (() => void)[] = [];
  readonly #owed = new Owed();
  #returned = 0;
  #failed = 0;

  constructor(ends: DeskEnds) {
    this.#ends = ends;
    this.#questions = new Questions(ends);
    const isBusy = (): boolean => this.pool.busyThreads > this.#running.size;
    this.#watch = new BusyWatch(isBusy, () => ends.changed());
  }

  get pool(): ThreadPool {
    return this.#ends.pool;
  }

  /** How many calls it has. */
  get size(): number {
    return this.#calls.size + this.#questions.size;
  }

  /** How many threads have nothing to do. One that has not ended a call which was given up is not among them. */
  get free(): number {
    return this.#ends.threads - Math.max(this.#running.size, this.pool.busyThreads) - this.#questions.size;
  }

  get counts(): { readonly calls: number; readonly failed: number } {
    return { calls: this.#returned, failed: this.#failed };
  }

  /** The subjects by which the queues are told of the calls. */
  get replies(): readonly string[] {
    return [...this.#calls.values(), ...this.#questions.all].map(({ reply }) => reply);
  }

  /** Takes a call from the queue; `isFresh` says whether the server knows how often it has delivered it. */
  async take(served: Served, { data, reply = '' }: NatsMessage, isFresh: (sequence: number) => boolean): Promise<void> {
    const { attempt, sequence } = deliveryOf(reply);
    let caller = '';
    try {
      const { order, key } = orderIn(data);
      caller = order.caller;
      const definition = this.#isHere(order, reply) ? undefined : this.#find(served, order, key, reply);
      const isFirst = attempt === 1 && isFresh(sequence);
      if (definition && isFirst && this.#isCounted(order)) this.#start(definition, order, reply);
      else if (definition) {
        await this.#questions.ask({ definition, order, reply, isFirst, isPut: false });
        this.#look();
      }
    } catch (error) {
      this.#ends.refused(caller, error);
      this.#ends.say(reply, Word.never);
    }
    this.#ends.changed();
  }

  /** Tells `caller` of the calls that it has not been told of. */
  tell(caller: string): void {
    this.#owed.tell(caller);
  }

  /** Reads a frame about a call. */
  hear(caller: string, frame: Frame): void {
    const id = idOf(caller, frame.call);
    const call = this.#calls.get(id);
    if (frame.op !== Op.grant && frame.op !== Op.forget && frame.op !== Op.leave) return call?.hear(frame);
    const asked = this.#questions.answered(id);
    if (frame.op === Op.grant) {
      if (asked && !call) this.#start(asked.definition, asked.order, asked.reply);
    } else if (frame.op === Op.forget) {
      if (asked) this.#ends.say(asked.reply, Word.never);
      call?.abort(new OffloopError('ERR_OFFLOOP_CLOSED', 'The caller does not want the call any more'));
    }
    this.#ends.changed();
    this.#look();
  }

  /**
   * Called when a caller is lost: nobody wants its calls. One that lives (`isThere`) has only taken this node for lost: it
   * knows what is to become of them when they are delivered again.
   */
  lost(caller: string, isThere: boolean): void {
    for (const call of this.#calls.values()) {
      if (call.order.caller !== caller) continue;
      // An error would be taken for the answer of the function, which another node may be running by now.
      call.leave(new OffloopError('ERR_OFFLOOP_CLOSED', 'The caller is lost'));
      if (isThere) {
        this.#questions.leave(idOf(caller, call.order.call));
        this.#forget(call);
      } else this.taken(call);
    }
    this.#questions.lost(caller, isThere);
    this.#ends.changed();
    this.#look();
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
    if (op === Op.returned || op === Op.threw) this.#returned += 1;
    if (op === Op.threw) this.#failed += 1;
    this.#ends.send(caller, op, call, facts, body, taken);
  }

  ended(call: NodeCall): void {
    this.#owed.delete(call);
    if (!this.#running.delete(call)) return;
    this.#ends.changed();
    this.#watch.begin();
  }

  taken(call: NodeCall): void {
    const id = idOf(call.order.caller, call.order.call);
    if (this.#calls.get(id) !== call) return;
    this.#ends.say(call.reply, Word.done);
    this.#over.add(id);
    this.#forget(call);
  }

  /** The function that is meant; if there is none, the caller is told, and the queue that nobody else has it either. */
  #find(served: Served, order: Order, key: unknown, reply: string): Definition | undefined {
    const { caller, call } = order;
    try {
      return this.#found.at(served, key);
    } catch (error) {
      this.#ends.refused(caller, error);
      this.lastError = String(error);
      this.#ends.send(caller, Op.threw, call, [undefined], encodeThrown(error));
      this.#ends.say(reply, Word.never);
      return undefined;
    }
  }

  /** Whether the caller counts this node among those that may have the call, told of it or not; or does not have to. */
  #isCounted({ caller, losses, isIdempotent }: Order): boolean {
    return this.#ends.isKnown(caller) && (isIdempotent || this.#ends.lossesOf(caller) === losses);
  }

  #start(definition: Definition, order: Order, reply: string): void {
    const call = new NodeCall(this, definition, order, reply);
    this.#calls.set(idOf(order.caller, order.call), call);
    this.#running.add(call);
    this.#ends.hold(order.caller);
    call.start();
    if (call.isOwed) this.#owed.add(call);
  }

  /** Whether it has or had the call already: the queue has not heard of it for a while, or the call was put there twice. */
  #isHere({ caller, call: number }: Order, reply: string): boolean {
    const id = idOf(caller, number);
    const known = this.#calls.get(id) ?? this.#questions.get(id);
    if (known) known.reply = reply;
    else if (this.#over.has(id)) this.#ends.say(reply, Word.done);
    else return false;
    return true;
  }

  #forget(call: NodeCall): void {
    const { caller, call: number } = call.order;
    this.#calls.delete(idOf(caller, number));
    this.#running.delete(call);
    this.#owed.delete(call);
    this.#ends.release(caller);
    this.#watch.begin();
    this.#look();
  }

  #look(): void {
    if (this.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}
