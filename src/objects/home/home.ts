/** The side that uses an object: the beginning and the end of its thread, and its next one. @module */

import { setMaxListeners } from 'node:events';
import type { Definition } from '../../address/registry.ts';
import { configuration } from '../../base/config.ts';
import { AbortController } from '../../base/intrinsics.ts';
import type { Call } from '../../call/call.ts';
import { KeptFunctions } from '../../call/arguments/kept-functions.ts';
import { callWithin } from '../../context/within.ts';
import { closedError } from '../crossing/closed.ts';
import { deadError, dispose, orEnded, reportEnd } from './ending.ts';
import { ofClass, Op } from '../crossing/form.ts';
import type { Members, ObjectForm, ObjectName } from '../crossing/form.ts';
import { Generation } from './generation.ts';
import { HeldCalls } from './held-calls.ts';
import type { StartOptions } from '../terms/options.ts';
import { takePlace } from './places.ts';
import { proxyOf } from '../proxies/proxy.ts';
import { Reach } from '../proxies/reach.ts';
import { usedFromHere } from '../crossing/reference.ts';
import { RemoteObject } from '../proxies/remote-object.ts';
import type { HomeOf } from '../proxies/remote-object.ts';
import { RemoteStream } from '../proxies/remote-stream.ts';
import { Restarts } from '../terms/restarts.ts';
import type { ObjectStatus } from '../terms/types.ts';

/** How long a dispose may take, in milliseconds, unless the options say otherwise. */
const usualDisposeTimeout = 30_000;

let lastHome = 0;

/**
 * An object, and those that its methods have returned, in a thread of their own.
 *
 * Invariant: a call that was made before the object was released is settled by its result, by its own limits, or by the
 * end of its thread; a later one rejects with `ERR_OFFLOOP_CLOSED`.
 */
export class Home implements HomeOf {
  readonly home: number = (lastHome += 1);

  /** The object that was started; there once it has been. */
  root: RemoteObject | undefined;

  /** The members of that object, and the static ones of its class. */
  form: ObjectForm | undefined;
  status: ObjectStatus = 'alive';
  readonly #definition: Definition;
  readonly #args: unknown[];
  readonly #options: StartOptions;
  readonly #kept = new KeptFunctions();
  readonly #restarts: Restarts;
  readonly #closing = new AbortController();
  readonly #reach: Reach;
  #generation: Generation;
  #lives = 0;
  #waiting: HeldCalls | undefined;
  #proxy: object | undefined;
  #statics: object | undefined;
  #free: (() => void) | undefined;

  /** Whether it has been started, so that its end is its own. */
  #isStarted = false;

  /** Why the object is dead. */
  #death: unknown;
  #releasing: Promise<void> | undefined;

  constructor(definition: Definition, args: unknown[], options: StartOptions) {
    this.#definition = definition;
    this.#args = args;
    this.#options = options;
    this.#restarts = new Restarts(options.supervise);
    this.#reach = new Reach(definition, this, { kept: this.#kept });
    this.#generation = this.#next();
    setMaxListeners(0, this.#closing.signal);
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get threadId(): number | undefined {
    return this.#generation.thread.stats().threadId;
  }

  /** How many calls run or wait. */
  get load(): number {
    return this.#generation.thread.stats().queued;
  }

  /** Starts the object; gives its proxy. `above` is the function that the user called. */
  async start(above: Function): Promise<object> {
    usedFromHere.set(this.home, this);
    try {
      const started = this.#construct(this.#generation, above);
      started.catch(() => undefined);
      await this.#takePlace(this.#generation);
      const proxy = await started;
      this.#isStarted = true;
      return proxy;
    } catch (error) {
      this.#die(error);
      throw error;
    }
  }

  /** Takes the calls of the object that was started, in whichever thread that lives. */
  submit(call: Call): void {
    if (this.#releasing) call.fail(closedError(call.name));
    else if (this.#waiting) this.#waiting.hold(call);
    else if (this.status === 'dead') call.fail(deadError(call.name, this.#death));
    else this.#generation.submit(call);
  }

  /** Gives what stands here for an object that the thread describes. */
  receive(form: ObjectName | ObjectForm): object {
    const { id } = form;
    const { members, type, window } = form as ObjectForm;
    if (id === 0) {
      // Only the start describes the class too: a method that returns `this` does not.
      if ('statics' in form) this.form = form;
      this.root ??= new RemoteObject(this, { id, reach: this.#reach, release: () => this.release() });
      return (this.#proxy ??= proxyOf({ type, members }, this.root, undefined));
    }
    const generation = this.#generation;
    return generation.proxy(id, (received) => {
      const release = async (): Promise<void> => {
        generation.forget(received);
        if (!generation.thread.hasEnded) await orEnded(generation, generation.release(id, Infinity));
      };
      const object = new RemoteObject(this, { id, reach: generation.reach, release });
      return window === undefined ? proxyOf({ type, members }, object, undefined) : new RemoteStream(object, window);
    });
  }

  /** The proxy of the class in the object's thread. */
  statics(): object {
    const { type = '', statics = noMembers } = this.form ?? {};
    const target = (): RemoteObject =>
      new RemoteObject(this, { id: ofClass, reach: this.#reach, release: () => this.release() });
    return (this.#statics ??= proxyOf({ type, members: statics }, target(), undefined));
  }

  release(): Promise<void> {
    return (this.#releasing ??= this.#release());
  }

  #next(): Generation {
    const { disposeTimeout = usualDisposeTimeout } = this.#options;
    const life = this.#lives;
    this.#lives += 1;
    return new Generation(this.#definition, { home: this.home, life, kept: this.#kept, disposeTimeout });
  }

  #construct(generation: Generation, above: Function): Promise<object> {
    void generation.live().catch((error: unknown) => this.#ended(generation, error));
    const { signal, timeout, transfer } = this.#options;
    const { calls } = generation.reach.member('start');
    const args = [Op.start, this.home, 0, 'start', ...this.#args];
    return calls.with({ signal, timeout, transfer })(undefined, args, above) as Promise<object>;
  }

  async #takePlace(generation: Generation): Promise<void> {
    const { signal, queueTimeout } = this.#options;
    const { name } = this.#definition;
    try {
      // An object that is started for a running call must not wait behind that.
      if (!configuration.inline && !callWithin()) this.#free = await takePlace({ name, signal, queueTimeout });
      generation.open();
    } catch (error) {
      generation.refuse(error);
      throw error;
    }
  }

  /** Called when the thread of `generation` has ended, as `error` says. */
  #ended(generation: Generation, error: unknown): void {
    // The caller that starts or releases the object sees the end by the error of a call.
    if (generation !== this.#generation || !this.#isStarted || this.status !== 'alive' || this.#releasing) return;
    this.#kept.clear();
    reportEnd(this.#definition.name, error);
    void this.#restart(error);
  }

  async #restart(death: unknown): Promise<void> {
    this.status = 'restarting';
    const waiting = (this.#waiting = new HeldCalls());
    let error = death;
    await this.#generation.thread.ended;
    while (this.#restarts.mayStart() && !this.#releasing) {
      const next = (this.#generation = this.#next());
      try {
        const started = this.#construct(next, this.start);
        next.open();
        // One try after the other.
        // oxlint-disable-next-line no-await-in-loop
        await started;
        this.status = 'alive';
        this.#waiting = undefined;
        for (const call of waiting.take()) this.submit(call);
        return;
      } catch (failure) {
        error = failure;
        next.thread.terminate('done');
      }
    }
    this.#waiting = undefined;
    this.#die(error);
    for (const call of waiting.take()) this.submit(call);
  }

  #die(error: unknown): void {
    this.status = 'dead';
    this.#death = error;
    this.#generation.thread.terminate('done');
    this.#leave();
  }

  async #release(): Promise<void> {
    this.#closing.abort(closedError(this.#definition.name));
    for (const call of this.#waiting?.take() ?? []) call.fail(closedError(call.name));
    const generation = this.#generation;
    try {
      if (this.#isStarted && this.status === 'alive')
        await orEnded(generation, dispose(generation, this.#definition.name));
    } finally {
      this.status = 'released';
      this.#generation.end();
      await this.#generation.thread.ended;
      this.#leave();
    }
  }

  #leave(): void {
    usedFromHere.delete(this.home);
    this.#kept.clear();
    this.#free?.();
    this.#free = undefined;
  }
}

const noMembers: Members = Object.create(null) as Members;
