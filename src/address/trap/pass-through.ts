/** Functions that stand before those of Node.js: they let every call pass, but one that a trap takes. @module */

import { promisify } from 'node:util';
import { loadScope } from './scope.ts';

/** What a trapped call gives instead. */
export interface Instead {
  readonly value: unknown;
}

/**
 * Sees a call with `args` while a view is loaded: gives what it is to return instead, throws, or ends the thread. With
 * `undefined` the call passes.
 */
export type Guard = (args: readonly unknown[]) => Instead | undefined;

/** One function is there under several names. */
const standIns = new WeakMap<Guard, WeakMap<Function, Function>>();

/** A function that calls `original`, or constructs it, and cannot be told from it otherwise. */
export function passThrough(original: Function, guard: Guard): Function {
  let made = standIns.get(guard);
  if (!made) standIns.set(guard, (made = new WeakMap()));
  const known = made.get(original);
  if (known) return known;
  const standIn = Object.hasOwn(original, 'prototype') ? constructible(original, guard) : plain(original, guard);
  made.set(original, standIn);
  return dressed(standIn, original, guard);
}

/** Puts a stand-in in the place of the function at `name` of `owner`, if there is one. */
export function trap(owner: object, name: PropertyKey, guard: Guard): void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const value: unknown = own?.get ? undefined : (owner as Record<PropertyKey, unknown>)[name];
  if (own && !own.configurable && !own.writable) return;
  if (own?.get) Object.defineProperty(owner, name, { ...own, get: lazily(own.get, guard) });
  else if (typeof value === 'function') {
    const { enumerable = false } = own ?? {};
    Object.defineProperty(owner, name, {
      value: passThrough(value, guard),
      enumerable,
      writable: true,
      configurable: true,
    });
  }
}

/** Some classes of Node.js are loaded when they are first asked for. */
function lazily(get: () => unknown, guard: Guard): () => unknown {
  return function (this: unknown) {
    const value = get.call(this);
    return typeof value === 'function' ? passThrough(value, guard) : value;
  };
}

function constructible(original: Function, guard: Guard): Function {
  return function standIn(this: unknown, ...args: unknown[]): unknown {
    if (loadScope.isOpen) {
      const instead = guard(args);
      if (instead) return instead.value;
    }
    if (new.target === undefined) return Reflect.apply(original, this, args);
    return Reflect.construct(original, args, new.target === standIn ? original : new.target) as unknown;
  };
}

function plain(original: Function, guard: Guard): Function {
  return {
    standIn(this: unknown, ...args: unknown[]): unknown {
      if (loadScope.isOpen) {
        const instead = guard(args);
        if (instead) return instead.value;
      }
      return Reflect.apply(original, this, args);
    },
  }.standIn;
}

function dressed(standIn: Function, original: Function, guard: Guard): Function {
  Object.setPrototypeOf(standIn, Object.getPrototypeOf(original) as object | null);
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (!descriptor || key === 'arguments' || key === 'caller') continue;
    // What `promisify` gives calls the original itself.
    if (key === promisify.custom && typeof descriptor.value === 'function')
      descriptor.value = passThrough(descriptor.value as Function, guard);
    if (key === 'prototype') (standIn as { prototype: unknown }).prototype = descriptor.value;
    else Object.defineProperty(standIn, key, descriptor);
  }
  return standIn;
}
