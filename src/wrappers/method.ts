/** Wrapped methods, by method decorators. @module */

import type { CallSite } from '../address/call-site.ts';
import { register } from '../address/registry.ts';
import type { Definition } from '../address/registry.ts';
import { argumentError } from '../base/errors.ts';

/** The second argument of a TC39 decorator. */
export interface MethodContext {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  addInitializer(initializer: (this: unknown) => void): void;
}

export function isMethodContext(value: unknown): value is MethodContext {
  return typeof value === 'object' && value !== null && 'kind' in value && 'addInitializer' in value;
}

/**
 * Registers a method. In the thread, a static method runs with the thread's class as `this`, an instance method with a
 * frozen copy of its instance, whose class has to be registered with `sendable`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the decorator is used on anything but a method.
 */
export function registerMethod(of: string, fn: unknown, context: MethodContext, site: CallSite): Definition {
  if (context.kind !== 'method' || typeof fn !== 'function')
    throw argumentError(`Cannot decorate a ${context.kind} with @${of}: only methods can be decorated`);
  const method = String(context.name);
  const prefix = context.static ? 'static ' : '';
  const definition = register(fn, site, { name: prefix + method, method, instance: !context.static });
  if (context.static) {
    context.addInitializer(function () {
      definition.owner = this;
    });
  }
  return definition;
}
