/** One object of a home, as it is used from here. @module */

import { setMaxListeners } from 'node:events';
import type { ThreadedIterator } from '../../channel/threaded-iterator.ts';
import { AbortController, AbortSignal } from '../../base/intrinsics.ts';
import type { CallOn } from '../../wrappers/wrapper.ts';
import { closedError } from '../crossing/closed.ts';
import { Op } from '../crossing/form.ts';
import type { ObjectCallOptions } from '../terms/options.ts';
import type { Reach } from './reach.ts';
import { ObjectReference } from '../crossing/reference.ts';
import type { Caller, MemberCalls, Target } from './target.ts';
import type { ObjectStatus } from '../terms/types.ts';

/** The home, as its objects know it. */
export interface HomeOf {
  readonly home: number;
  readonly status: ObjectStatus;
  readonly threadId: number | undefined;

  /** Aborted when the home is released: ends the iterators of all its objects. */
  readonly closing: AbortSignal;
  statics(): object;
}

/** How one object is told apart and released. */
export interface ObjectFacts {
  readonly id: number;
  readonly reach: Reach;
  readonly release: () => Promise<void>;
}

/** One object. */
export class RemoteObject implements Target {
  readonly reference: ObjectReference;
  readonly #of: HomeOf;
  readonly #facts: ObjectFacts;
  readonly #closing = new AbortController();
  #releasing: Promise<void> | undefined;

  constructor(of: HomeOf, facts: ObjectFacts) {
    this.#of = of;
    this.#facts = facts;
    this.reference = new ObjectReference({ home: of.home, id: facts.id });
    setMaxListeners(0, this.#closing.signal);
  }

  get status(): ObjectStatus {
    return this.#releasing ? 'released' : this.#of.status;
  }

  get threadId(): number | undefined {
    return this.#of.threadId;
  }

  method(name: string, options: ObjectCallOptions | undefined): MemberCalls {
    const { id, reach } = this.#facts;
    const { home } = this.#of;
    const { definition, calls } = reach.member(name);
    const on = options ? calls.with(options) : calls.plain;
    return { definition, call: (args, above) => on(undefined, [Op.call, home, id, name, ...args], above) };
  }

  generator(name: string, options: ObjectCallOptions | undefined): Caller<ThreadedIterator<unknown>> {
    const { id, reach } = this.#facts;
    const { home, closing } = this.#of;
    const own = id === 0 ? [closing] : [closing, this.#closing.signal];
    const signals = options?.signal ? [...own, options.signal] : own;
    const signal = signals.length === 1 ? closing : AbortSignal.any(signals);
    const on = reach.generator(name).calls.with({ ...options, signal });
    return (args, above) => on(undefined, [Op.iterate, home, id, name, ...args], above);
  }

  read(name: string, options: ObjectCallOptions | undefined, above: Function): Promise<unknown> {
    return this.#once(name, options)(undefined, [Op.read, this.#of.home, this.#facts.id, name], above);
  }

  async write(name: string, value: unknown, options: ObjectCallOptions | undefined, above: Function): Promise<void> {
    const args = [Op.write, this.#of.home, this.#facts.id, name, value];
    await this.#once(`${name}=`, options)(undefined, args, above);
  }

  #once(name: string, options: ObjectCallOptions | undefined): CallOn<Promise<unknown>> {
    const { calls } = this.#facts.reach.member(name);
    return options ? calls.with(options) : calls.plain;
  }

  release(): Promise<void> {
    this.#closing.abort(closedError('the object'));
    return (this.#releasing ??= this.#facts.release());
  }

  statics(): object {
    return this.#of.statics();
  }
}
