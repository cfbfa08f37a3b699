/** Makes the calls that a pool itself needs, of wrapped functions. @module */

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
 * Gives the definition of the wrapper `fn`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a wrapper; `action` names the failed action in the message.
 */
export function wrappedFunction(action: string, fn: unknown): Definition {
  const definition = definitionOf(fn);
  if (definition) return definition;
  throw argumentError(
    `Cannot ${action} ${typeof fn === 'function' ? fn.name || 'the function' : typeof fn}: wrap it with threaded`,
  );
}

/** Makes a call of the wrapper `fn` for the pool itself. */
export function ownCall(fn: Function, args: unknown[] = []): Call {
  const { definition, values } = aim(definitionOf(fn) as Definition, receiverOf(fn), args);
  return new Call(definition, values, plainPlan, { at: now() });
}

/**
 * Gives the function that makes a call of `fn`, with a copy of `args`, for each thread; `undefined` if there is no
 * `fn`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if the arguments cannot cross.
 */
export function preparation(fn: Function | undefined, args: readonly unknown[] = []): (() => Call) | undefined {
  if (!fn) return undefined;
  const argsFor = args.length > 0 ? takeInitArgs(args, fn) : (): unknown[] => [];
  // `init` and `teardown` must not run in the context of the request for which the thread happens to be started.
  return () => outside(() => ownCall(fn, argsFor()));
}
