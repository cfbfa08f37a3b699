/** The short way of a call that arrives alone while its thread has nothing to do. @module */

import { now } from '../base/clock.ts';
import { outside } from '../context/here.ts';
import type { ListenerContext } from '../context/listener-context.ts';
import { shortCost } from '../wire/cost.ts';
import type { UpRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import type { Arrivals } from './arrivals.ts';
import type { Callees } from './callees.ts';
import type { Claims } from './claims.ts';
import type { Runner } from './runner.ts';
import { soon } from './spinner.ts';
import type { Spinner } from './spinner.ts';

/** What a thread has for the calls that it serves. */
export interface Serving {
  readonly arrivals: Pick<Arrivals<unknown>, 'lone' | 'next'>;
  readonly callees: Callees;
  readonly claims: Claims;
  readonly runner: Runner;
  readonly spinner: Spinner;
  readonly outbox: Outbox<UpRecord>;

  /** The context of the listeners of the lane's port, if it has one. */
  readonly context: ListenerContext | undefined;

  /** Whether the thread measures its heap when it becomes idle. */
  readonly measuresHeap: boolean;

  /** Called when the thread becomes idle. */
  rest(): void;

  /** Runs the calls in the queue. */
  drain(): void;
}

/** Runs calls that arrive alone, as most calls of a program do, with few functions. */
export class LoneCalls {
  readonly #serving: Serving;

  constructor(serving: Serving) {
    this.#serving = serving;
  }

  /**
   * Runs the call of `message`, if that has nothing but one call the function of which was called before, and the thread
   * has nothing to do; gives `false` if not. Only a listener of the port may call this.
   */
  receive(message: unknown[]): boolean {
    const { arrivals, callees, claims, runner, spinner, outbox, context, measuresHeap, rest, drain } = this.#serving;
    if (runner.running !== undefined || claims.preparing !== undefined || outbox.records.length > 0) return false;
    const callee = callees.found.get(message[2] as number);
    if (callee === undefined) return false;
    const job = arrivals.lone(message);
    if (job === undefined) return false;
    if (!claims.claim(job)) {
      rest();
      return true;
    }
    const begin = now();
    runner.listening = context;
    const end = runner.run(job, callee, begin);
    runner.listening = undefined;
    if (end === undefined) return true;
    if (measuresHeap || outbox.records.length > 0) rest();
    // What a call has left to promises must not wait for a spin.
    const isHot = begin - spinner.restedAt < soon && !runner.hasLeft && end - begin < shortCost;
    runner.hasLeft = false;
    spinner.restedAt = end;
    if (arrivals.next === undefined && !(isHot && spinner.spin(end))) return true;
    // What comes next must not see a store that the function has entered.
    if (context?.lasts === true) outside(drain);
    else drain();
    return true;
  }
}
