/** One call at its caller, from the moment it is submitted until it is over at its node. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { WorkerExitError } from '../../base/errors.ts';
import type { OffloopError } from '../../base/errors.ts';
import type { Call, CallHolder } from '../../call/call.ts';
import { decodeValue, encodeThrown } from '../values/bodies.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import { NearCall } from './near-call.ts';
import { NearItems } from './near-items.ts';
import type { NearLanes } from './near-lanes.ts';
import type { Queued } from './queues.ts';
import { settleBy } from './settle.ts';
import type { Way } from './way.ts';

/** The fleet, as its calls know it. */
export interface CallFleet {
  readonly lanes: NearLanes;

  /** Whether the server is away, so that no node can be heard. */
  readonly isAway: boolean;

  /** How long a node may be silent, in milliseconds. */
  readonly patience: number;
  send(node: string, op: number, call: number, facts: readonly unknown[], body?: Uint8Array): void;

  /** Watches whether the node lives. */
  hold(node: string): void;
  release(node: string): void;

  /** Resolves once all nodes that live have told what they have begun. */
  complete(): Promise<void>;

  /** Takes the call back from its queue. */
  takeBack(queued: Queued): void;

  /** As {@link takeBack}, and says whether a node may have begun it before that. */
  withdraw(queued: Queued): Promise<boolean>;

  /** The error of a call that waited for so long, in milliseconds. */
  waitedFor(call: RemoteCall, time: number): Promise<OffloopError>;

  /** Nothing is left to do for the call. */
  over(call: RemoteCall): void;
}

/** What a call is, besides its {@link Call}. */
export interface RemotePlan {
  readonly queued: Queued;
  readonly isPlain: boolean;
  readonly queueTimeout: number;

  /** Whose code it is, for errors. */
  readonly module: string;
}

/**
 * A call. A plain one has its arguments in the queue, and is settled by one frame. Any other one has a way of its own: see
 * {@link Way}.
 *
 * Invariant: the call is settled once, also if its node is lost; `over` is told once.
 */
export class RemoteCall implements CallHolder {
  readonly call: Call;
  readonly plan: RemotePlan;

  /** The node that has it. */
  node: string | undefined;

  /** The nodes that were lost while the call waited: they may have begun it, and had not told of it. */
  readonly doubts: Set<string> = new Set();

  readonly #fleet: CallFleet;
  readonly #way: Way | undefined;
  #timer: Later | undefined;
  #isOver = false;
  #isSettling = false;

  /** Whether the fleet watches the node for this call. */
  #isHeld = false;

  constructor(fleet: CallFleet, call: Call, plan: RemotePlan) {
    this.#fleet = fleet;
    this.call = call;
    this.plan = plan;
    this.#way = this.#wayOf(call, plan.isPlain);
    call.holder = this;
    call.observe({ settled: () => this.#settled() });
    this.#wait();
  }

  get number(): number {
    return this.plan.queued.number;
  }

  /** Reads a frame of `node`. */
  hear(node: string, frame: Frame): void {
    if (this.#isOver) return;
    if (frame.op === Op.started) this.#started(node);
    else if (frame.op === Op.may) void this.#may(node, frame.facts[0] === true, frame.facts[1] === true);
    else if (frame.op === Op.returned || frame.op === Op.threw) this.#answered(frame);
    else if (this.#way) {
      // A node that gives items at once does not tell first that it has begun, not even one that has asked whether it may.
      if (this.node === undefined || !this.#way.isOn) this.#started(node);
      if (node === this.node) this.#way.hear(frame);
    }
  }

  /** Called when the call is given up: rejected, whatever the node does. */
  gone(_: Call, reason: unknown): void {
    if (this.#isOver) return;
    if (this.#way?.isOn) {
      this.#way.gone(reason);
      if (this.node !== undefined) return this.#waitForEnd();
      // Its node was lost, and no other one has it.
      return this.#drop(reason);
    }
    if (this.node !== undefined) this.#say(this.node, Op.abort, [], encodeThrown(reason));
    this.#end();
  }

  /** Called when its node is lost: nothing is held of it any more, though it may be back before the call is over. */
  lost(): void {
    this.#isHeld = false;
    if (this.#canRepeat) {
      this.#leave();
      this.#way?.lost(lostError(this.call, 'the node was lost'));
      // The queue gives it to another node.
      if (!this.call.settled) return this.#wait();
    }
    this.fail(lostError(this.call, 'its node was lost'));
  }

  /** Settles the call with `error`, and takes it back from the queue. */
  fail(error: OffloopError): void {
    this.#drop(error);
  }

  #drop(reason: unknown): void {
    this.#fleet.takeBack(this.plan.queued);
    this.#settle(false, reason, undefined);
  }

  #wayOf(call: Call, isPlain: boolean): Way | undefined {
    const over = (): void => this.#end();
    if (isPlain) return call.stream ? new NearItems(call, over) : undefined;
    const refused = (error: unknown): void => this.#settle(false, error, undefined);
    return new NearCall(call, { lanes: this.#fleet.lanes, refused, over });
  }

  #say(node: string, op: number, facts: readonly unknown[] = [], body?: Uint8Array): void {
    this.#fleet.send(node, op, this.number, facts, body);
  }

  /** Whether the call may run again from the beginning: nothing that a node has taken of it is gone. */
  get #canRepeat(): boolean {
    return this.call.plan.idempotent === true && !this.call.stream && this.#way?.hasGiven !== true;
  }

  /** Called when the call is settled, by whomever: one that waits is not wanted any more. */
  #settled(): void {
    if (this.#isOver || this.#way?.isOn || this.node !== undefined || this.#isSettling) return;
    this.#fleet.takeBack(this.plan.queued);
    this.#end();
  }

  #wait(): void {
    const { queueTimeout } = this.plan;
    this.#timer = after(queueTimeout, () => void this.#waited(queueTimeout));
  }

  async #waited(time: number): Promise<void> {
    const error = await this.#fleet.waitedFor(this, time);
    if (!this.#isAwaited) return;
    // One that may run again has not run in vain, and needs its place in the queue if a node is lost that has begun it.
    const hasBegun = this.call.plan.idempotent !== true && (await this.#fleet.withdraw(this.plan.queued));
    if (!this.#isAwaited) return;
    this.call.abort(hasBegun ? lostError(this.call, `no node has told of it in ${time} ms`) : error);
  }

  /** The call is settled, and its node has to end it; nobody waits for that as long as the server may be away. */
  #waitForEnd(): void {
    this.#timer?.cancel();
    if (this.#isOver) return;
    this.#timer = after(this.#fleet.patience, () => {
      if (this.#fleet.isAway) this.#settle(false, lostError(this.call, 'the server was away'), undefined);
      else this.#waitForEnd();
    });
  }

  /** Whether no node is known to have it. */
  get #isAwaited(): boolean {
    return this.node === undefined && !this.#isOver;
  }

  #started(node: string): void {
    // A call that is not to run again is not started twice; a node that was taken for lost may still run it.
    if (this.node !== undefined && this.node !== node) return;
    this.#claimed(node);
    this.#way?.begun((op, facts, body) => this.#say(node, op, facts, body));
  }

  /**
   * A node asks whether it may run the call. It may have begun it itself before the line to it was lost; another one may have,
   * unless it says that it `isFirst`.
   */
  async #may(node: string, hasBegun: boolean, isFirst: boolean): Promise<void> {
    if (isFirst) this.doubts.clear();
    // Nodes that live tell by then if they have it; others are lost, and the call is in doubt if it must not run again.
    else if (this.call.plan.idempotent !== true && this.node === undefined) await this.#fleet.complete();
    if (this.#isOver) return this.#say(node, Op.forget);
    if (this.node !== undefined && this.node !== node) return this.#say(node, Op.leave);
    // The node that asks knows what it has begun.
    this.doubts.delete(node);
    const isInDoubt = hasBegun || this.doubts.size > 0 || this.node === node;
    if (this.call.plan.idempotent !== true && isInDoubt) {
      this.#say(node, Op.forget);
      return this.fail(lostError(this.call, 'a node was lost'));
    }
    this.#say(node, Op.grant);
    this.#claimed(node);
  }

  /** From here on the call is the node's. */
  #claimed(node: string): void {
    this.#timer?.cancel();
    if (!this.#isHeld) this.#fleet.hold(node);
    this.#isHeld = true;
    this.node = node;
  }

  #answered({ op, facts, body }: Frame): void {
    const ran = typeof facts[0] === 'number' ? facts[0] : undefined;
    const { resolveClass } = this.call.scope;
    try {
      const value = decodeValue(body, resolveClass ? { resolveClass } : {});
      this.#settle(op === Op.returned, value, ran);
    } catch (error) {
      this.#settle(false, error, ran);
    }
  }

  #settle(isReturned: boolean, value: unknown, ran: number | undefined): void {
    if (this.#isOver) return;
    if (this.#way?.isOn) return this.#way.ended(isReturned, value, ran);
    this.#isSettling = true;
    if (isReturned) this.call.returned(value, ran, now());
    else settleBy(this.call, value, ran);
    this.#end();
  }

  #leave(): void {
    if (this.#isHeld && this.node !== undefined) this.#fleet.release(this.node);
    this.#isHeld = false;
    this.node = undefined;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#way?.end();
    this.#leave();
    this.#fleet.over(this);
  }
}

function lostError({ name, plan, stream }: Call, why: string): WorkerExitError {
  const text = `The outcome of ${name} is unknown: ${why} while it may have run`;
  // A generator cannot be declared so, and where it does not help any more it was declared before.
  const cure = stream || plan.idempotent === true ? '' : '. Declare it idempotent if it may run again';
  return new WorkerExitError(text + cure);
}
