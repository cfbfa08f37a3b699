/** Makes the calls of one home's objects: each member has facts of its own about how long it takes. @module */

import { partOf } from '../../address/registry.ts';
import type { Definition } from '../../address/registry.ts';
import type { Taker } from '../../wrappers/off-loop.ts';
import { iterationsOf } from '../../wrappers/iterable-wrapper.ts';
import { plan } from '../../wrappers/plan.ts';
import type { Settings } from '../../wrappers/plan.ts';
import { callsOf } from '../../wrappers/wrapper.ts';
import type { Calls, Route } from '../../wrappers/wrapper.ts';
import type { CallPlan } from '../../call/call-plan.ts';
import type { ThreadedIterator } from '../../channel/threaded-iterator.ts';
import { callChecks } from '../terms/options.ts';

/** A member, and the calls of it. */
export interface Reached<R> {
  readonly definition: Definition;
  readonly calls: Calls<R>;
}

/** The calls to one executor. */
export class Reach {
  readonly #definition: Definition;
  readonly #route: Route;
  readonly #methods = new Map<string, Reached<Promise<unknown>>>();
  readonly #generators = new Map<string, Reached<ThreadedIterator<unknown>>>();

  /** `more` is added to the plan of each call. */
  constructor(definition: Definition, executor: Taker, more: Partial<CallPlan>) {
    this.#definition = definition;
    this.#route = {
      of: 'threadedObject',
      callChecks,
      isInlineInThreads: false,
      plan: (call) => ({ ...plan(noOptions, call), ...more }),
      executor: () => executor,
    };
  }

  /** The calls that do one thing with the member `name`. */
  member(name: string): Reached<Promise<unknown>> {
    const known = this.#methods.get(name);
    if (known) return known;
    const definition = this.#part(name);
    const made = { definition, calls: callsOf(definition, this.#route) };
    this.#methods.set(name, made);
    return made;
  }

  /** The calls of the generator method `name`. */
  generator(name: string): Reached<ThreadedIterator<unknown>> {
    const known = this.#generators.get(name);
    if (known) return known;
    const definition = this.#part(name);
    const calls = iterationsOf(definition, { ...this.#route, of: 'threadedObjectIterable' }, noOptions);
    const made = { definition, calls };
    this.#generators.set(name, made);
    return made;
  }

  #part(name: string): Definition {
    return partOf(this.#definition, `${this.#definition.name}.${name}`);
  }
}

const noOptions: Settings = {};
