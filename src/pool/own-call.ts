/** Calls that a pool makes itself, of functions that were wrapped. @module */

import type { Definition } from '../address/registry.ts';
import { definitionOf, receiverOf } from '../address/wrapped.ts';
import { now } from '../base/clock.ts';
import { outside } from '../context/here.ts';
import { argumentError } from '../base/errors.ts';
import { Call } from '../call/call.ts';
import { aim } from '../wire/receiver.ts';
import { plainPlan } from '../call/call-plan.ts';
import { takeInitArgs } from './init-args.ts';

/**
 * The function that the wrapper `fn` stands for.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it is no wrapper; `action` says what it is needed for.
 */
export function wrappedFunction(action: string, fn: unknown): Definition {
  const definition = definitionOf(fn);
  if (definition) return definition;
  throw argumentError(
    `Cannot ${action} ${typeof fn === 'function' ? fn.name || 'the function' : typeof fn}: wrap it with threaded`,
  );
}

/** A call of the wrapper `fn` by the pool itself. */
export function ownCall(fn: Function, args: unknown[] = []): Call {
  const { definition, values } = aim(definitionOf(fn) as Definition, receiverOf(fn), args);
  return new Call(definition, values, plainPlan, { at: now() });
}

/**
 * Makes the calls of a wrapped function that every thread runs once, each with arguments of its own; `undefined` if there
 * is none.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if the arguments cannot cross.
 */
export function preparation(fn: Function | undefined, args: readonly unknown[] = []): (() => Call) | undefined {
  if (!fn) return undefined;
  const argsFor = args.length > 0 ? takeInitArgs(args, fn) : (): unknown[] => [];
  // A thread is not set up in the context of the request for which it is started.
  return () => outside(() => ownCall(fn, argsFor()));
}
