/** Gives each instance and class its own view of a wrapped method: a function that remembers its receiver. @module */

import { inspect } from 'node:util';
import type { Definition } from '../address/registry.ts';
import { noteFunction, noteView, noteWrapper, receiverOf } from '../address/wrapped.ts';
import { onSendable } from '../codec/sendable.ts';
import { noReceiver } from '../wire/receiver.ts';
import type { MethodContext } from './method.ts';
import { noteBound } from './off-loop.ts';
import { named } from './wrapper.ts';
import type { CallOn, Calls } from './wrapper.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Makes the view of a method for the receiver `self`. */
type ViewOf = (self: object) => Function;

/** For each wrapper of a method, the function that replaces it on its prototype or class by a getter of views. */
const installers = new WeakMap<object, (home: object) => void>();

/**
 * Makes the wrapper of a method. The wrapper stands on its prototype or class until the class is complete, is
 * registered, or has its first instance. From then on a getter stands there, which gives each instance or class its own
 * view, and the wrapper itself to prototypes.
 */
export function wrapMethod(definition: Definition, of: string, calls: Calls, context: MethodContext): Function {
  const { fn } = definition;
  const text = { value: () => `[${of}: ${definition.name}]` };
  const wrapper: Method = function (this: unknown, ...args) {
    return calls.plain(this === wrapper ? undefined : this, args, wrapper);
  };
  noteWrapper(wrapper, definition);
  noteFunction(fn, definition);
  Object.defineProperties(named(wrapper, fn), {
    syncCall: { value: callHere(definition, wrapper) },
    asyncCall: { value: wrapper },
    with: { value: (options: unknown) => callWith(calls.with(options), { base: wrapper, options, fn }) },
    [inspect.custom]: text,
  });
  // A private method has no property that a getter could replace, so it has no views.
  if (!context.private) {
    const members = viewMembers(definition, calls, text);
    place(context, wrapper, (self) => {
      const view: Method = function (this: unknown, ...args) {
        return calls.plain(this === undefined || this === null || this === view ? self : this, args, view);
      };
      noteView(view, definition, self);
      return Object.setPrototypeOf(named(view, fn), members) as Function;
    });
  }
  return wrapper;
}

/** The members of a method's views beside the call; each is made on first access. */
function viewMembers({ fn }: Definition, calls: Calls, text: PropertyDescriptor): object {
  return Object.create(Function.prototype, {
    syncCall: once('syncCall', (self) => named((...args: unknown[]) => Reflect.apply(fn, self, args) as unknown, fn)),
    asyncCall: {
      get() {
        return this as unknown;
      },
    },
    with: once(
      'with',
      (self, view) => (options: unknown) => callWith(calls.with(options), { base: view, options, fn }, self),
    ),
    [inspect.custom]: text,
  }) as object;
}

function once(name: string, make: (self: unknown, view: Function) => unknown): PropertyDescriptor {
  return {
    get(this: Function) {
      const value = make(receiverOf(this), this);
      Object.defineProperty(this, name, { value });
      return value;
    },
  };
}

/** A function that makes its calls with `call`: on `self` if given, else on its own `this`. */
function callWith(call: CallOn, { base, options, fn }: BoundTo, self?: unknown): Function {
  const bound: Method = function (this: unknown, ...args) {
    return call(self ?? this, args, bound);
  };
  noteBound(bound, base, options);
  return named(bound, fn);
}

/** What is called with options: the wrapper or view `base`, of `fn`. */
interface BoundTo {
  readonly base: Function;
  readonly options: unknown;
  readonly fn: Function;
}

/** The `syncCall` of a method's wrapper; it has to be called with the receiver as `this`. */
function callHere(definition: Definition, wrapper: Function): Method {
  const { fn, instance, method = '' } = definition;
  return named(function (this: unknown, ...args: unknown[]) {
    const isKnown = this !== undefined && this !== null && this !== wrapper;
    if (instance && !isKnown) throw noReceiver(method);
    return Reflect.apply(fn, isKnown ? this : definition.owner, args) as unknown;
  }, fn);
}

/** Installs the getter of views as soon as it is known which object holds `wrapper`. */
function place(context: MethodContext, wrapper: Function, viewOf: ViewOf): void {
  const { name } = context;
  const install = (home: object): void => giveViews(home, context, wrapper, viewOf);
  installers.set(wrapper, install);
  let isPlaced = false;
  context.addInitializer(function () {
    // The initializer runs for the class, or for each instance; its first run finds the object, unless another decorator
    // has replaced the wrapper or the class is not complete.
    if (isPlaced) return;
    let home = this as object | null;
    while (home && Object.getOwnPropertyDescriptor(home, name)?.value !== wrapper)
      home = Object.getPrototypeOf(home) as object | null;
    if (!home) return;
    isPlaced = true;
    install(home);
  });
}

/** Installs the views of a class when it is registered: instances that come from other threads run no initializers. */
onSendable((type) => {
  for (let it = type.prototype as object | null; it; it = Object.getPrototypeOf(it) as object | null) {
    for (const key of Reflect.ownKeys(it)) {
      const { value } = Object.getOwnPropertyDescriptor(it, key) as { value?: unknown };
      if (typeof value === 'function') installers.get(value)?.(it);
    }
  }
});

function giveViews(home: object, context: MethodContext, wrapper: Function, viewOf: ViewOf): void {
  const { name } = context;
  const own = Object.getOwnPropertyDescriptor(home, name);
  // Another decorator may have replaced the wrapper.
  if (own?.value !== wrapper || !own.configurable) return;
  const views = new WeakMap<object, Function>();
  let ofHome: Function | undefined;
  Object.defineProperty(home, name, {
    configurable: true,
    enumerable: own.enumerable ?? false,
    get(this: object) {
      if (this === home) return (ofHome ??= context.static ? viewOf(home) : wrapper);
      const known = views.get(this);
      if (known) return known;
      if (!isReceiver(this, context)) return wrapper;
      const view = viewOf(this);
      views.set(this, view);
      return view;
    },
    set(this: object, value: unknown) {
      const enumerable = this === home ? (own.enumerable ?? false) : true;
      Object.defineProperty(this, name, { value, enumerable, configurable: true, writable: true });
    },
  });
}

function isReceiver(value: unknown, context: MethodContext): boolean {
  if (context.static) return typeof value === 'function';
  return typeof value === 'object' && value !== null && !isPrototype(value);
}

function isPrototype(value: object): boolean {
  return Object.hasOwn(value, 'constructor') && (value.constructor as Function | undefined)?.prototype === value;
}
