/** Finds the `this` for a call of a wrapped method. @module */

import { onClass } from '../address/registry.ts';
import type { Definition } from '../address/registry.ts';
import { isSendable, nameOfClass } from '../codec/sendable.ts';
import { argumentError } from '../base/errors.ts';

/** A call of a method: its definition and values. */
export interface Aimed {
  readonly definition: Definition;
  readonly values: unknown[];
}

/**
 * Makes the call of the method of `definition` on `self`. An instance crosses as the first value; a class has to be
 * known to the threads.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `self` cannot cross because its class is not registered.
 */
export function aim(definition: Definition, self: unknown, args: unknown[]): Aimed {
  if (definition.instance) return { definition, values: [instance(definition.name, self), ...args] };
  const { owner } = definition;
  const isOwn = self === undefined || self === owner;
  return { definition: isOwn ? definition : onSubclass(definition, self), values: args };
}

/** Makes the error for an instance method that was called without an instance. */
export function noReceiver(name: string): TypeError {
  const text = `Cannot call ${name}: it was called without its instance`;
  return argumentError(`${text}. Call it on one, as in instance.${name}(…), or give one by .call(instance, …)`);
}

function instance(name: string, self: unknown): unknown {
  if (isSendable(self)) return self;
  if (self === undefined || self === null) throw noReceiver(name);
  const owner = typeof self === 'object' ? self.constructor.name : typeof self;
  const text = `Cannot call ${name} in another thread: its this, a ${owner}, cannot be sent`;
  throw argumentError(`${text}. Register the class with sendable(${owner}), or make the method static`);
}

const onSubclasses = new WeakMap<Definition, WeakMap<object, Definition>>();

/** The definition of a static method that `type` inherits. */
function onSubclass(definition: Definition, type: unknown): Definition {
  const { name, owner } = definition;
  if (typeof type !== 'function' || !Object.prototype.isPrototypeOf.call(owner as object, type)) {
    throw argumentError(`Cannot call ${name} in another thread: its this is neither its class nor one that extends it`);
  }
  const known = onSubclasses.get(definition)?.get(type);
  if (known) return known;
  const registered = nameOfClass(type);
  if (registered === undefined) {
    const text = `Cannot call ${name} of ${type.name} in another thread: threads do not know the class`;
    throw argumentError(`${text}. Register it with sendable(${type.name})`);
  }
  const made = onClass(definition, type, registered);
  if (!onSubclasses.has(definition)) onSubclasses.set(definition, new WeakMap());
  onSubclasses.get(definition)?.set(type, made);
  return made;
}
