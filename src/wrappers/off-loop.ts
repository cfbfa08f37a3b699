/** How layers above tell a wrapped function from a plain one, and hand items to it. @module */

import { definitionOf } from '../address/wrapped.ts';
import type { Definition } from '../address/registry.ts';
import { shared } from '../base/realm.ts';
import type { Executor } from '../call/executor.ts';
import { isKnownShort } from '../wire/cost.ts';

/** The calls of a kind of wrapper, as far as it matters where they run. */
export interface Placing {
  /** The wrapper's name: `threaded`. */
  readonly of: string;

  /** The options that a call may have. */
  readonly callChecks: Readonly<Record<string, unknown>>;

  /** The executor that takes a call with the options `call`. */
  executor(call: CallSettings | undefined): Taker;
}

/** What takes calls, and may say more of itself. */
export type Taker = Pick<Executor, 'submit'> & Partial<Executor>;

/** Options of a call, of which one says who runs it. */
export interface CallSettings {
  readonly pool?: Executor;
}

/** A function whose calls have options that were given before. */
interface Bound {
  /** The wrapper, or what else takes options. */
  readonly base: Function;
  readonly options: CallSettings | undefined;
}

/** A function that stands for another one's calls. */
interface StandIn {
  readonly definition: Definition;
  with(options: object): AnyFunction;
}

type AnyFunction = (...args: unknown[]) => unknown;

const placings = shared('placings', () => new WeakMap<Definition, Placing>());
const bounds = shared('bound calls', () => new WeakMap<Function, Bound>());
const standIns = shared('stand-ins', () => new WeakMap<object, StandIn>());

/** Remembers where the calls of `definition` run. */
export function notePlacing(definition: Definition, placing: Placing): void {
  placings.set(definition, placing);
}

/** Remembers that the calls of `bound` are those of `base` with `options`. */
export function noteBound(bound: Function, base: Function, options: unknown): void {
  bounds.set(bound, { base, options: options as CallSettings });
}

/** Remembers what `value` stands for. */
export function noteStandIn(value: object, standIn: StandIn): void {
  standIns.set(value, standIn);
}

/** A wrapped function. */
export interface OffLoop {
  readonly name: string;

  /** Whether its calls give iterators. */
  readonly isIterable: boolean;

  /** Whether calls of one `key` run in one thread. */
  readonly hasKeys: boolean;

  /** The executor of its calls. */
  readonly executor: Taker;

  /** Whether its calls are known to take microseconds: they travel with others, unless they have a signal or a clock. */
  readonly isQuick: boolean;

  /** Gives the function whose calls have these options as well. */
  with(options: object): AnyFunction;
}

/** What `fn` is, if its calls run in other threads: a wrapper, one of its `with(…)`, a method, a function of `offload`. */
export function offLoop(fn: unknown): OffLoop | undefined {
  if (typeof fn !== 'function') return undefined;
  const { base, options } = bounds.get(fn) ?? { base: fn, options: undefined };
  const standIn = standIns.get(base);
  const definition = standIn?.definition ?? definitionOf(base);
  const placing = definition && placings.get(definition);
  if (!placing) return undefined;
  const isIterable = /Iterable/.test(placing.of);
  const takesOptions = standIn ?? (base as unknown as StandIn);
  return {
    name: fn.name,
    isIterable,
    hasKeys: Object.hasOwn(placing.callChecks, 'key'),
    get executor() {
      return placing.executor(options);
    },
    get isQuick() {
      return !isIterable && isKnownShort(definition.learnt);
    },
    with: (more) => takesOptions.with({ ...options, ...more }),
  };
}
