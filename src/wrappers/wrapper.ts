/** The wrapper of a function: its calls run in a thread, and its `syncCall` runs here. @module */

import { inspect } from 'node:util';
import type { Definition } from '../address/registry.ts';
import { interruptLoad } from '../address/load/load.ts';
import { noteCaller } from '../address/find/late.ts';
import { noteFunction, noteWrapper } from '../address/wrapped.ts';
import { isReachable, unreachable } from '../address/find/unreachable.ts';
import { now, setIdleImmediate } from '../base/clock.ts';
import { configuration } from '../base/config.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { Call } from '../call/call.ts';
import type { Caller, CallPlan } from '../call/call-plan.ts';
import { runInline } from '../threads/inline.ts';
import { aim } from '../wire/receiver.ts';
import { joinStacks } from '../codec/errors/stacks.ts';
import { closeIterables } from '../call/arguments/refused.ts';
import { threadState } from '../base/realm.ts';
import { reasonOf } from '../base/signal.ts';
import { joining, takeGroup } from './call-group.ts';
import { noteBound, notePlacing } from './off-loop.ts';
import type { Placing } from './off-loop.ts';
import { settings } from './plan.ts';
import type { Settings } from './plan.ts';
import { isTraced, traceCall, traceObserver } from './tracing.ts';
import type { CallTrace } from './tracing.ts';
import type { Check } from '../base/options.ts';

/** How the calls of a kind of wrapper are planned and submitted. */
export interface Route extends Placing {
  /** The checks of the options that a call may have. */
  readonly callChecks: Readonly<Record<string, Check>>;

  /** The plan of a call with the options `call`; `undefined` for a call without options. */
  plan(call: Settings | undefined): CallPlan;

  /** Whether a call that is made inside a thread of the library runs at once in that thread. */
  readonly isInlineInThreads: boolean;
}

type AnyCall = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** How the calls of one wrapper are made. */
interface How {
  readonly route: Route;
  readonly plan: CallPlan;

  /** The options that were given to `.with`. */
  readonly options: Settings | undefined;
}

/** How a call without options is made. */
const plainly = (route: Route): How => ({ route, plan: route.plan(undefined), options: undefined });

/** How a call with the options `given` is made; checks them. */
function howWith({ name }: Definition, route: Route, given: unknown): How {
  const options = settings(`a call of ${name || route.of}`, given, route.callChecks);
  return { route, plan: route.plan(options), options };
}

/** Makes the wrapper of `definition`; its calls take `route`. */
export function wrap(definition: Definition, route: Route): AnyCall {
  const make = (how: How): AnyCall => {
    const wrapper: AnyCall = function (this: unknown, ...args) {
      return invoke(definition, how, this, args, wrapper);
    };
    return wrapper;
  };
  const plain = make(plainly(route));
  notePlacing(definition, route);
  const withOptions = (options: unknown): AnyCall => {
    const bound = named(make(howWith(definition, route, options)), definition.fn);
    noteBound(bound, plain, options);
    return bound;
  };
  return dressed(plain, definition, route.of, withOptions);
}

/**
 * Makes a call with the receiver `self`; `above` is the function that the user called, below which the caller's stack
 * begins.
 */
export type CallOn<R = unknown> = (self: unknown, args: unknown[], above: Function) => R;

/** The ways to call a wrapped function. */
export interface Calls<R = unknown> {
  readonly plain: CallOn<R>;

  /** Checks `options` and gives the function that makes calls with them. */
  with(options: unknown): CallOn<R>;
}

/** The ways to call `definition` by `route`. */
export function callsOf(definition: Definition, route: Route): Calls<Promise<unknown>> {
  notePlacing(definition, route);
  const calls =
    (how: How): CallOn<Promise<unknown>> =>
    (self, args, above) =>
      invoke(definition, how, self, args, above);
  return {
    plain: calls(plainly(route)),
    with: (options) => calls(howWith(definition, route, options)),
  };
}

/** Gives `wrapper` the members that every wrapper has. */
export function dressed<W extends Function>(
  wrapper: W,
  definition: Definition,
  of: string,
  withOptions: (options: unknown) => Function,
): W {
  const { fn } = definition;
  noteWrapper(wrapper, definition);
  noteFunction(fn, definition);
  Object.defineProperties(named(wrapper, fn), {
    syncCall: { value: fn },
    asyncCall: { value: wrapper },
    with: { value: withOptions },
    [inspect.custom]: { value: () => `[${of}: ${definition.name || '(anonymous)'}]` },
  });
  // Inside a named function its name means the function itself, not the wrapper; so `fib.syncCall(n - 1)` works in
  // `fib` too.
  if (Object.isExtensible(fn) && !('syncCall' in fn)) Object.defineProperty(fn, 'syncCall', { value: fn });
  return wrapper;
}

/** Gives `wrapper` the name and the length of `fn`. */
export function named<W extends Function>(wrapper: W, fn: Function): W {
  return Object.defineProperties(wrapper, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  });
}

/** Makes the call and hands it to its executor. It is told of to `trace`, once there is one. */
function invoke(
  definition: Definition,
  how: How,
  self: unknown,
  args: unknown[],
  above: Function,
  trace?: CallTrace,
): Promise<unknown> {
  const { route, plan, options } = how;
  const thread = threadState();
  if (thread?.loading !== undefined) {
    noteCaller(definition, above);
    // The program must not go on here, and a rejected promise would end the thread as an unhandled rejection.
    if (interruptLoad(definition.name)) return new Promise(() => {});
  }
  const { signal } = plan;
  if (signal?.aborted) {
    closeIterables(args, plan.transfer);
    return Promise.reject(reasonOf(signal));
  }
  if (thread && route.isInlineInThreads) return runHere(definition, self, args);
  if (!trace && isTraced()) {
    const traced: CallTrace = { name: definition.name, wrapper: route.of, args, pool: poolName(how) };
    return traceCall(traced, async () => invoke(definition, how, self, args, above, traced));
  }
  const caller = callerOf(above);
  // Calls that the arguments make on their way do not join.
  const group = joining && takeGroup();
  try {
    const aimed = definition.method === undefined ? undefined : aim(definition, self, args);
    const call = new Call(aimed?.definition ?? definition, aimed?.values ?? args, plan, caller);
    group?.add(call);
    if (trace) call.observe(traceObserver(trace));
    if (configuration.inline) runInline(call);
    else if (!definition.site.top && !isReachable(definition))
      void unreachable(definition).then((error) => call.fail(error));
    else route.executor(options).submit(call);
    return call.promise;
  } catch (error) {
    closeIterables(args, plan.transfer);
    if (error instanceof OffloopError) joinStacks(error, caller.stack);
    return Promise.reject(error);
  }
}

/** The name of the executor that a call is for. */
export function poolName({ route, options }: Pick<How, 'route' | 'options'>): string | undefined {
  return configuration.inline ? undefined : route.executor(options).name;
}

async function runHere({ fn }: Definition, self: unknown, args: unknown[]): Promise<unknown> {
  return Reflect.apply(fn, self, args);
}

/**
 * Capturing a stack costs up to 2 µs, a third of a small call. So of many calls that are made in one turn of the event
 * loop only the first capture theirs, and, after the first thousand, at most ten calls a millisecond. An error of any
 * other call shows only who awaited it.
 */
const stacksPerTurn = 64;
const mostStacks = 1000;
const stacksPerMillisecond = 10;
let stacks = 0;
let stacksLeft = mostStacks;

/** The last call whose time is known. The calls that follow the last of {@link stacksPerTurn} in its turn share its time. */
let last: Caller = { at: 0 };

function beginTurn(): void {
  stacks = 0;
}

export function callerOf(above: Function): Caller {
  if (stacks >= stacksPerTurn) return last;
  stacks += 1;
  // One turn is told from the next only where it matters: to ask in each one would cost a rare call more than its stack.
  if (stacks === stacksPerTurn) setIdleImmediate(beginTurn);
  const at = now();
  stacksLeft = Math.min(mostStacks, stacksLeft + (at - last.at) * stacksPerMillisecond);
  last = { at };
  if (stacksLeft < 1) return last;
  stacksLeft -= 1;
  const caller = { at };
  Error.captureStackTrace(caller, above);
  return caller;
}
