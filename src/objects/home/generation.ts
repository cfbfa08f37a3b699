/** One life of an object's thread: the calls to it, and the objects in it that are used from here. @module */

import { addressOf } from '../../address/find/address-of.ts';
import type { Definition } from '../../address/registry.ts';
import { FinalizationRegistry, WeakRef } from '../../base/intrinsics.ts';
import type { Call } from '../../call/call.ts';
import type { KeptFunctions } from '../../call/arguments/kept-functions.ts';
import { startStandby } from '../../threads/standby.ts';
import { StayingThread } from '../../threads/staying-thread.ts';
import { closedError } from '../crossing/closed.ts';
import { Op } from '../crossing/form.ts';
import type { OpCode } from '../crossing/form.ts';
import { HeldCalls } from './held-calls.ts';
import { Reach } from '../proxies/reach.ts';

/** An object that its methods have returned, and how often it was received. */
export interface Received {
  readonly id: number;
  times: number;
}

/** The facts that the lives of an object share. */
export interface GenerationFacts {
  /** The number of the home. */
  readonly home: number;

  /** How many lives there were before. */
  readonly life: number;

  /** The callbacks that the object keeps. */
  readonly kept: KeptFunctions;

  /** How long a dispose may take, in milliseconds. */
  readonly disposeTimeout: number;
}

/**
 * The calls and the objects of one thread. What refers to an object of one life does not reach those of the next.
 *
 * Invariant: no call is submitted to the thread before `open`; earlier ones wait.
 */
export class Generation {
  readonly home: number;
  readonly thread: StayingThread;

  /** The calls of objects. */
  readonly reach: Reach;

  /** The calls of the home itself, and the one that lasts until the object is gone. */
  readonly #own: Reach;
  readonly #disposeTimeout: number;
  readonly #number: number;
  readonly #life: Reach;
  readonly #proxies = new Map<number, { readonly proxy: WeakRef<object>; readonly received: Received }>();
  readonly #lost: FinalizationRegistry<Received>;
  #early: HeldCalls | undefined = new HeldCalls();
  #isReleased = false;

  constructor(definition: Definition, { home, life, kept, disposeTimeout }: GenerationFacts) {
    this.home = home;
    this.#number = life;
    this.#disposeTimeout = disposeTimeout;
    this.thread = new StayingThread(() => startStandby({ preload: addressOf(definition) }));
    this.reach = new Reach(definition, this, { kept });
    this.#own = new Reach(definition, this, { kept, lasts: true });
    this.#life = new Reach(definition, this, { kept, lasts: true, detach: true });
    this.#lost = new FinalizationRegistry((received) => this.#drop(received));
  }

  submit(call: Call): void {
    if (this.#isReleased && this.thread.hasEnded) call.fail(closedError(call.name));
    else if (this.#early) this.#early.hold(call);
    else this.thread.submit(call);
  }

  /** Lets the calls go to the thread. */
  open(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const call of early?.take() ?? []) this.thread.submit(call);
  }

  /** Ends the thread: its objects are released. */
  end(): void {
    this.#isReleased = true;
    this.thread.terminate('done');
  }

  /** Fails the calls that wait: there will be no thread. */
  refuse(reason: unknown): void {
    for (const call of this.#early?.take() ?? []) call.fail(reason);
  }

  /** Makes the call that lasts until the object is gone, or rejects when the thread ends. */
  live(): Promise<unknown> {
    return this.#life.member('live').calls.plain(undefined, [Op.live, this.home, 0, 'live', this.#number], this.live);
  }

  /** Makes a call of the home itself. */
  ask(op: OpCode, name: string, id: number, ...args: unknown[]): Promise<unknown> {
    return this.#own.member(name).calls.plain(undefined, [op, this.home, id, name, ...args], this.ask);
  }

  /** Releases the object `id`, which a method has returned, once no call of it is in flight. */
  async release(id: number, times: number): Promise<void> {
    const goes = await this.ask(Op.settle, 'release', id, times);
    if (goes) await this.dispose(id);
  }

  /** Runs the dispose of the object `id`. */
  async dispose(id: number): Promise<void> {
    const { calls } = this.#own.member('dispose');
    const timeout = this.#disposeTimeout;
    await calls.with({ timeout })(undefined, [Op.dispose, this.home, id, 'dispose'], this.dispose);
  }

  /** The proxy of an object that was received; `make` makes the first one. */
  proxy(id: number, make: (received: Received) => object): object {
    const known = this.#proxies.get(id);
    const proxy = known?.proxy.deref();
    if (known && proxy) {
      known.received.times += 1;
      return proxy;
    }
    // The one before was lost: the thread is told how often that was received.
    const received = { id, times: 1 };
    const made = make(received);
    this.#proxies.set(id, { proxy: new WeakRef(made), received });
    this.#lost.register(made, received, received);
    return made;
  }

  /** Called when an object was released by itself. */
  forget(received: Received): void {
    this.#lost.unregister(received);
    if (this.#proxies.get(received.id)?.received === received) this.#proxies.delete(received.id);
  }

  #drop(received: Received): void {
    this.forget(received);
    if (this.thread.hasEnded) return;
    // Nobody waits for the dispose of an object that nobody uses: its error is reported as an unhandled rejection.
    void this.release(received.id, received.times).catch((error: unknown) => {
      if (!this.thread.hasEnded) throw error;
    });
  }
}
