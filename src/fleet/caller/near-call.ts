/** The way of a call with functions, signals or iterables among its arguments: over a lane whose far end is in this thread. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { OffloopError } from '../../base/errors.ts';
import { reasonOf } from '../../base/signal.ts';
import type { Call } from '../../call/call.ts';
import type { Lane } from '../../call/lane/lane.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { callSignal } from '../../wait/call-signal.ts';
import { encodeThrown } from '../values/bodies.ts';
import { valuesHere } from '../values/contexts.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import type { Intake } from '../values/intake.ts';
import { Session } from '../values/session.ts';
import type { NearLanes } from './near-lanes.ts';
import type { Say, Way } from './way.ts';

/** What the way stands on. */
export interface NearEnds {
  readonly lanes: NearLanes;

  /** The arguments cannot cross: the node is to forget the call, which fails with `error`. */
  refused(error: unknown): void;

  /** The lane has settled the call. */
  over(): void;
}

interface Result {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Once a node has the call, it goes over the lane, at whose end the arguments become what a thread would be given. A
 * stand-in for the function sends them to the node, and gives what comes back.
 *
 * Invariant: the stand-in runs once, whatever nodes have the call; it ends once.
 */
export class NearCall implements Way {
  isOn = false;
  readonly #call: Call;
  readonly #ends: NearEnds;
  #say: Say | undefined;
  #lane: Lane | undefined;

  /** Why the call has failed before the stand-in has run. */
  #failure: { readonly error: unknown } | undefined;

  /** Whether the node has ended the call, or is lost. */
  #hasEnded = false;
  #session: Session | undefined;
  #intake: Intake | undefined;
  #args: unknown[] | undefined;
  #result: Result | undefined;

  constructor(call: Call, ends: NearEnds) {
    this.#call = call;
    this.#ends = ends;
  }

  get hasGiven(): boolean {
    return this.#session?.hasStreams === true;
  }

  begun(say: Say): void {
    this.#say = say;
    if (this.isOn) return this.#send();
    this.isOn = true;
    this.#lane = this.#ends.lanes.run(
      this.#call,
      (args) => this.#stand(args),
      () => this.#over(),
    );
    if (!this.#lane) this.#over();
  }

  hear(frame: Frame): void {
    this.#session?.hear(frame);
  }

  ended(isReturned: boolean, value: unknown): void {
    this.#hasEnded = true;
    if (this.#intake) this.#intake.ended(isReturned ? { returned: value } : { error: value });
    else if (this.#result && isReturned) this.#result.resolve(value);
    else if (this.#result) this.#result.reject(value);
    else this.#failure = { error: value };
    this.#session?.end();
  }

  gone(reason: unknown): void {
    this.#lane?.interrupt(this.#call, reason);
  }

  lost(error: OffloopError): void {
    this.#say = undefined;
    this.#session?.end(error);
    this.#session = undefined;
  }

  end(): void {
    this.#session?.end();
  }

  /** What failed on this side has not ended the call at its node. */
  #over(): void {
    if (!this.#hasEnded) this.#say?.(Op.forget, []);
    this.#ends.over();
  }

  /** Runs in place of the function. */
  #stand(args: unknown[]): unknown {
    if (this.#failure) throw this.#failure.error;
    this.#args = args;
    const signal = callSignal();
    onAbort(signal, () => this.#say?.(Op.abort, [], encodeThrown(reasonOf(signal))));
    const { stream } = this.#call;
    const result = new Promise<unknown>((resolve, reject) => (this.#result = { resolve, reject }));
    result.catch(() => undefined);
    this.#send();
    if (!stream || !this.#session) return result;
    return (this.#intake ??= this.#session.receive(stream.offer.maxSize));
  }

  /** Sends the arguments to the node. */
  #send(): void {
    const say = this.#say;
    if (!say || !this.#args) return;
    const session = (this.#session = new Session({ send: say, resolveClass: this.#call.scope.resolveClass }));
    try {
      say(Op.args, [], session.encodeArguments(this.#args, valuesHere()));
    } catch (error) {
      say(Op.forget, []);
      this.#ends.refused(error);
    }
  }
}
