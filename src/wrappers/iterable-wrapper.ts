/** The wrapper of a generator function: its calls return iterators over a generator in another thread. @module */

import { noteCaller } from '../address/find/late.ts';
import { interruptLoad } from '../address/load/load.ts';
import type { Definition } from '../address/registry.ts';
import { isReachable, unreachable } from '../address/find/unreachable.ts';
import { configuration } from '../base/config.ts';
import { Promise } from '../base/intrinsics.ts';
import { Consumer } from '../channel/consumer/consumer.ts';
import type { StreamPlan } from '../channel/consumer/stream-plan.ts';
import { InlineItems } from '../channel/inline-items.ts';
import { ThreadedIterator } from '../channel/threaded-iterator.ts';
import { Call } from '../call/call.ts';
import { Link } from '../call/link.ts';
import type { Ring } from '../channel/ring/ring.ts';
import type { Caller } from '../call/call-plan.ts';
import { runInline } from '../threads/inline.ts';
import { aim } from '../wire/receiver.ts';
import { closeIterables } from '../call/arguments/refused.ts';
import { threadState } from '../base/realm.ts';
import { noteBound, notePlacing } from './off-loop.ts';
import { settings, streamPlan } from './plan.ts';
import type { Settings } from './plan.ts';
import { isTraced, traceItems, traceObserver } from './tracing.ts';
import type { CallTrace, Traced } from './tracing.ts';
import { callerOf, dressed, named, poolName } from './wrapper.ts';
import type { CallOn, Calls, Route } from './wrapper.ts';

type AnyIterable = (this: unknown, ...args: unknown[]) => ThreadedIterator<unknown>;

/** Makes the wrapper of `definition`. Its calls take `route`; `options` are the options of the wrapper. */
export function wrapIterable(definition: Definition, route: Route, options: Settings): AnyIterable {
  const calls = iterationsOf(definition, route, options);
  const make = (call: CallOn<ThreadedIterator<unknown>>): AnyIterable => {
    const wrapper: AnyIterable = function (this: unknown, ...args) {
      return call(this, args, wrapper);
    };
    return wrapper;
  };
  const plain = make(calls.plain);
  const withOptions = (given: unknown): AnyIterable => {
    const bound = named(make(calls.with(given)), definition.fn);
    noteBound(bound, plain, given);
    return bound;
  };
  return dressed(plain, definition, route.of, withOptions);
}

/** The calls of `definition`, each of which returns an iterator. */
export function iterationsOf(
  definition: Definition,
  route: Route,
  options: Settings,
): Calls<ThreadedIterator<unknown>> {
  const calls =
    (call: Settings | undefined): CallOn<ThreadedIterator<unknown>> =>
    (self, args, above) =>
      iterate(definition, { route, options: call, plan: streamPlan(route.of, options, call) }, self, args, above);
  streamPlan(route.of, options);
  notePlacing(definition, route);
  return {
    plain: calls(undefined),
    with(given) {
      const checked = settings(`a call of ${definition.name || route.of}`, given, route.callChecks);
      streamPlan(route.of, options, checked);
      return calls(checked);
    },
  };
}

/** How one call produces its items. */
interface IterateOptions {
  readonly route: Route;
  readonly plan: StreamPlan;

  /** The options of this call alone. */
  readonly options: Settings | undefined;
}

/**
 * Calls the generator function of `definition`; `above` is the wrapper that was called, whose caller owns the stack
 * trace.
 */
export function iterate(
  definition: Definition,
  how: IterateOptions,
  self: unknown,
  args: unknown[],
  above: Function,
): ThreadedIterator<unknown> {
  const { fn, name } = definition;
  const { route, plan } = how;
  const thread = threadState();
  if (thread?.loading !== undefined) {
    noteCaller(definition, above);
    if (interruptLoad(name)) return new ThreadedIterator(new InlineItems(() => new Promise(() => {})));
  }
  if (thread && route.isInlineInThreads)
    return new ThreadedIterator(new InlineItems(() => Reflect.apply(fn, self, args) as unknown, plan.signal));
  const caller = callerOf(above);
  const open = (trace?: CallTrace): Traced => openItems(definition, how, self, args, caller, trace);
  const { items } = isTraced() ? traceItems({ name, wrapper: route.of, args, pool: poolName(how) }, open) : open();
  return new ThreadedIterator(items);
}

function openItems(
  definition: Definition,
  { route, plan, options }: IterateOptions,
  self: unknown,
  args: unknown[],
  caller: Caller,
  trace: CallTrace | undefined,
): Traced {
  const { method, exported } = definition;
  const isInline = configuration.inline;
  try {
    const { definition: aimed, values } =
      method === undefined ? { definition, values: args } : aim(definition, self, args);
    // The consumer watches the signal, not the call: a generator that is given up may still end by itself.
    const call = new Call(aimed, values, { ...route.plan(options), signal: undefined }, caller);
    if (trace) call.observe(traceObserver(trace));
    call.lent?.keep();
    const submit = (): void => {
      if (isInline) runInline(call);
      else if (exported || isReachable(definition)) route.executor(options).submit(call);
      else void unreachable(definition).then((error) => call.fail(error));
    };
    const bounds = isInline ? { ...plan, ...lockStep } : plan;
    const link = (ring: Ring): Link => new Link(call, ring, bounds.maxSize);
    const consumer = new Consumer({ call, link, submit }, bounds);
    return { items: consumer, ended: async () => consumer.ended() };
  } catch (error) {
    closeIterables(args, options?.transfer);
    const fail = async (): Promise<never> => Promise.reject(error);
    return { items: new InlineItems(fail), ended: fail };
  }
}

/** In inline mode the generator never runs ahead, because it would block the event loop of its consumer. */
const lockStep = { maxSize: 0, overflow: 'block' } as const;
