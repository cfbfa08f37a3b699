/** One call at its caller, from the moment it is submitted until it is over at its node. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { WorkerExitError } from '../../base/errors.ts';
import type { OffloopError } from '../../base/errors.ts';
import type { Call, CallHolder } from '../../call/call.ts';
import { joinStacks } from '../../codec/stacks.ts';
import { onAbort } from '../../codec/on-abort.ts';
import { reasonOf } from '../../base/signal.ts';
import { callSignal } from '../../wait/call-signal.ts';
import { decodeValue, encodeThrown } from '../values/bodies.ts';
import { valuesHere } from '../values/contexts.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import type { Intake } from '../values/intake.ts';
import { Session } from '../values/session.ts';
import type { NearLanes } from './near-lanes.ts';
import type { Queued } from './queues.ts';

/** The fleet, as its calls know it. */
export interface CallFleet {
  readonly lanes: NearLanes;
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

interface Result {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * A call. A plain one has its arguments in the queue, and is settled by one frame. Any other one waits in the queue without
 * them; once a node has it, it goes over a lane of its own on this side, whose far end speaks with the node.
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
  #timer: Later | undefined;
  #isOver = false;
  #isNear = false;
  #isSettling = false;

  /** Why the call has failed before its function's stand-in has run. */
  #failure: { readonly error: unknown } | undefined;
  #session: Session | undefined;
  #intake: Intake | undefined;
  #args: unknown[] | undefined;
  #result: Result | undefined;
  #interrupt: ((reason: unknown) => void) | undefined;

  constructor(fleet: CallFleet, call: Call, plan: RemotePlan) {
    this.#fleet = fleet;
    this.call = call;
    this.plan = plan;
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
    else if (frame.op === Op.may) void this.#may(node, frame.facts[0] === true);
    else if (frame.op === Op.returned || frame.op === Op.threw) this.#answered(frame);
    else if (node === this.node) this.#session?.hear(frame);
  }

  /** Called when the call is given up: rejected, whatever the node does. */
  gone(_: Call, reason: unknown): void {
    if (this.#isOver) return;
    if (this.#isNear) return this.#interrupt?.(reason);
    this.#abort(reason);
    this.#end();
  }

  /** Called when its node is lost. */
  lost(): void {
    if (this.#canRepeat) {
      this.#leave();
      this.#session?.end(lostError(this.call.name, 'the node was lost'));
      this.#session = undefined;
      // The queue gives it to another node.
      if (!this.call.settled) return this.#wait();
    }
    this.fail(lostError(this.call.name, 'its node was lost'));
  }

  /** Settles the call with `error`, and takes it back from the queue. */
  fail(error: OffloopError): void {
    this.#fleet.takeBack(this.plan.queued);
    this.#settle(false, error, undefined);
  }

  /** Whether the call may run again from the beginning: nothing that a node has taken of it is gone. */
  get #canRepeat(): boolean {
    if (this.call.plan.idempotent !== true || this.call.stream) return false;
    return !(this.#session?.hasStreams === true);
  }

  /** Called when the call is settled, by whomever: one that waits is not wanted any more. */
  #settled(): void {
    if (this.#isOver || this.#isNear || this.node !== undefined || this.#isSettling) return;
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
    this.call.abort(hasBegun ? lostError(this.call.name, `no node has told of it in ${time} ms`) : error);
  }

  /** Whether no node is known to have it. */
  get #isAwaited(): boolean {
    return this.node === undefined && !this.#isOver;
  }

  #started(node: string): void {
    // A call that is not to run again is not started twice; a node that was taken for lost may still run it.
    if (this.node !== undefined && this.node !== node) return;
    this.#claimed(node);
    if (this.plan.isPlain) return;
    if (this.#isNear) this.#begin();
    else this.#goNear();
  }

  /** A node asks whether it may run the call, which another one may have begun, or it itself before the line to it was lost. */
  async #may(node: string, hasBegun: boolean): Promise<void> {
    // Nodes that live tell by then if they have it; others are lost, and the call is in doubt if it must not run again.
    if (this.call.plan.idempotent !== true && this.node === undefined) await this.#fleet.complete();
    if (this.#isOver) return this.#fleet.send(node, Op.forget, this.number, []);
    if (this.node !== undefined && this.node !== node) return this.#fleet.send(node, Op.leave, this.number, []);
    // The node that asks knows what it has begun.
    this.doubts.delete(node);
    const isInDoubt = hasBegun || this.doubts.size > 0 || this.node === node;
    if (this.call.plan.idempotent !== true && isInDoubt) {
      this.#fleet.send(node, Op.forget, this.number, []);
      return this.fail(lostError(this.call.name, 'a node was lost'));
    }
    this.#fleet.send(node, Op.grant, this.number, []);
    this.#claimed(node);
  }

  /** From here on the call is the node's. */
  #claimed(node: string): void {
    this.#timer?.cancel();
    if (this.node === undefined) this.#fleet.hold(node);
    this.node = node;
  }

  /** Sends the call over a lane: at its end the arguments become those of the node. */
  #goNear(): void {
    this.#isNear = true;
    const lane = this.#fleet.lanes.run(
      this.call,
      (args) => this.#stand(args),
      () => this.#end(),
    );
    if (lane) this.#interrupt = (reason) => void lane.interrupt(this.call, reason);
    else if (this.node !== undefined) {
      this.#fleet.send(this.node, Op.forget, this.number, []);
      this.#end();
    }
  }

  /** Runs in place of the function. */
  #stand(args: unknown[]): unknown {
    if (this.#failure) throw this.#failure.error;
    this.#args = args;
    const signal = callSignal();
    onAbort(signal, () => this.#abort(reasonOf(signal)));
    const { stream } = this.call;
    const result = new Promise<unknown>((resolve, reject) => (this.#result = { resolve, reject }));
    result.catch(() => undefined);
    this.#begin();
    if (!stream || !this.#session) return result;
    return (this.#intake ??= this.#session.receive(stream.offer.maxSize));
  }

  /** Sends the arguments to the node. */
  #begin(): void {
    const { node } = this;
    if (node === undefined || !this.#args) return;
    const session = (this.#session = new Session({
      send: (op, facts, body) => this.#fleet.send(node, op, this.number, facts, body),
      resolveClass: this.call.scope.resolveClass,
    }));
    try {
      const body = session.encodeArguments(this.#args, valuesHere());
      this.#fleet.send(node, Op.args, this.number, [], body);
    } catch (error) {
      this.#fleet.send(node, Op.forget, this.number, []);
      this.#settle(false, error, undefined);
    }
  }

  #abort(reason: unknown): void {
    if (this.node !== undefined) this.#fleet.send(this.node, Op.abort, this.number, [], encodeThrown(reason));
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
    if (this.#isNear) {
      // The lane settles the call.
      if (this.#intake) this.#intake.ended(isReturned ? { returned: value } : { error: value });
      else if (this.#result && isReturned) this.#result.resolve(value);
      else if (this.#result) this.#result.reject(value);
      else this.#failure = { error: value };
      this.#session?.end();
      return;
    }
    const { call } = this;
    this.#isSettling = true;
    if (isReturned) call.returned(value, ran, now());
    else {
      joinStacks(value, call.callerStack);
      if (ran === undefined || call.callerStack !== undefined || !(value instanceof Error))
        call.fail(value, ran, now());
      else call.failAwaited(value, ran, now());
    }
    this.#end();
  }

  #leave(): void {
    if (this.node !== undefined) this.#fleet.release(this.node);
    this.node = undefined;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#session?.end();
    this.#leave();
    this.#fleet.over(this);
  }
}

function lostError(name: string, why: string): WorkerExitError {
  return new WorkerExitError(
    `The outcome of ${name} is unknown: ${why} while it may have run. Declare it idempotent if it may run again`,
  );
}
