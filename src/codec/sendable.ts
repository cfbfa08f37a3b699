/** Registers classes whose instances keep their class when they cross threads. @module */

import { argumentError } from '../base/errors.ts';
import { bare } from '../base/options.ts';
import { shared } from '../base/realm.ts';

/** The key of the instance method whose result is sent in place of the instance. */
export const toThread: unique symbol = Symbol.for('offloop.toThread') as never;

/** The key of the static method that makes an instance from what was sent. */
export const fromThread: unique symbol = Symbol.for('offloop.fromThread') as never;

/** Options of {@link sendable}. */
export interface SendableOptions {
  /** The name under which both threads know the class. @defaultValue the class's own name */
  name?: string;
}

type Class = abstract new (...args: never[]) => object;

/** A registered class and its name. */
export interface SendableClass {
  readonly name: string;
  readonly type: Function;

  /** The URL of the module that registers the class, for a thread that has not loaded it: see {@link sendableFrom}. */
  readonly module?: string | undefined;
}

const classes = shared('sendables', () => new Map<string, SendableClass>());
const listeners = shared('sendable listeners', () => new Set<(type: Function) => void>());
const bound = shared('sendables of one process', () => new WeakSet<Function>());
const byPrototype = shared('sendable prototypes', () => new WeakMap<object, SendableClass>());

/**
 * Registers a class, so that its instances cross threads: as arguments, as results, as errors, and as `this` of wrapped
 * methods. The module that registers the class has to be loaded on both sides; call `sendable` at the top level of the
 * module that defines the class, and it is. Both sides know the class by its name. A later registration under the same
 * name replaces the earlier one, as it must when a module is evaluated again. Instances of a different class that lost
 * its name are refused, so give classes with the same name different `name`s. A class that extends a registered one is
 * not registered thereby.
 *
 * An instance arrives with its prototype and a copy of its own enumerable fields; no constructor runs. Private fields
 * (`#x`) are not visible: give the class a `[toThread]()` method, whose result is sent instead, and a static
 * `[fromThread](data)` method that makes an instance from it. A field that is a function cannot cross.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `type` is not a class, or has no name.
 *
 * @example
 * ```ts
 * class Money {
 *   #cents: number;
 *   constructor(cents: number) { this.#cents = cents; }
 *   [toThread]() { return this.#cents; }
 *   static [fromThread](cents: number) { return new Money(cents); }
 * }
 * sendable(Money);
 * ```
 */
export function sendable<C extends Class>(type: C, context?: SendableOptions | ClassDecoratorContext<C>): C {
  if (typeof type !== 'function' || typeof type.prototype !== 'object') {
    throw argumentError(
      `Cannot make a class sendable: expected a class, received ${type === null ? 'null' : typeof type}`,
    );
  }
  const { name = type.name } = bare(context ?? {});
  if (name === '')
    throw argumentError('Cannot make the class sendable: it has no name. Give it one by the option name');
  register({ name, type });
  return type;
}

/**
 * Registers a class of the library that a thread may be sent before it has loaded the class: the thread then loads
 * `module`, the URL of the module that makes this call. The class needs a `[toThread]` method.
 */
export function sendableFrom(module: string, type: Class, name: string): void {
  register({ name, type, module });
}

function register(registered: SendableClass): void {
  const { name, type } = registered;
  classes.set(name, registered);
  byPrototype.set(type.prototype as object, registered);
  for (const listener of listeners) listener(type);
}

/** Says that what the instances of `type` stand for is in one process, so that bytes from elsewhere never revive one. */
export function bindToProcess(type: Class): void {
  bound.add(type);
}

/** Whether bytes from elsewhere may revive an instance of the class `name`. */
export function isBoundToProcess(name: string): boolean {
  const type = sendableNamed(name);
  return type !== undefined && bound.has(type);
}

/**
 * Makes the instances of `type` cross as those of the registered class `as`: `form` gives what is sent in their place.
 */
export function crossAs(type: Class, as: Class, form: (value: object) => unknown): void {
  byPrototype.set(type.prototype as object, byPrototype.get(as.prototype as object) ?? { name: as.name, type: as });
  Object.defineProperty(type.prototype, toThread, {
    value(this: object) {
      return form(this);
    },
    configurable: true,
    writable: true,
  });
  for (const listener of listeners) listener(type);
}

/** Whether `value` is an instance of a registered class itself, not of a subclass. */
export function isSendable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && sendableOf(value) !== undefined;
}

/** The registration of the class of `value`. */
export function sendableOf(value: object): SendableClass | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof prototype === 'object' && prototype !== null ? byPrototype.get(prototype) : undefined;
}

/** The name under which threads know the class `type`, if it is registered and was not replaced. */
export function nameOfClass(type: Function): string | undefined {
  const name = byPrototype.get(type.prototype as object)?.name;
  return name !== undefined && classes.get(name)?.type === type ? name : undefined;
}

/** Calls `listener` with each class that is registered from now on. */
export function onSendable(listener: (type: Function) => void): void {
  listeners.add(listener);
}

/** The class that is registered under `name` in this thread. */
export function sendableNamed(name: string): Function | undefined {
  return classes.get(name)?.type;
}

/**
 * Whether a different class was registered later under the name of the class of `value`. A class with the same source
 * text counts as the same class, from a module that was evaluated again.
 */
export function isReplaced(value: object): boolean {
  const { name, type } = sendableOf(value) ?? {};
  const holder = name === undefined ? undefined : classes.get(name)?.type;
  return holder !== type && String(holder) !== String(type);
}

/** The `[toThread]` method of an instance, bound to it. */
export function formOf(value: object): (() => unknown) | undefined {
  const { [toThread]: form } = value as { [toThread]?: unknown };
  return typeof form === 'function' ? () => Reflect.apply(form, value, []) as unknown : undefined;
}
