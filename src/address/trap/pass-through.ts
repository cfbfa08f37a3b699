/** Stand-ins for functions of Node.js, which let every call pass unless a guard stops it. @module */

import { promisify } from 'node:util';
import { loadScope } from './scope.ts';

/** The result of a call that was stopped. */
export interface Instead {
  readonly value: unknown;
}

/**
 * Checks a call while a view is loaded. Returns the result to give instead, throws, or ends the thread; `undefined`
 * lets the call pass.
 */
export type Guard = (args: readonly unknown[]) => Instead | undefined;

/** The stand-ins made so far, since one function may be exported under several names. */
const standIns = new WeakMap<Guard, WeakMap<Function, Function>>();

/** A function that calls or constructs `original`, and is otherwise indistinguishable from it. */
export function passThrough(original: Function, guard: Guard): Function {
  let made = standIns.get(guard);
  if (!made) standIns.set(guard, (made = new WeakMap()));
  const known = made.get(original);
  if (known) return known;
  const standIn = Object.hasOwn(original, 'prototype') ? constructible(original, guard) : plain(original, guard);
  made.set(original, standIn);
  return dressed(standIn, original, guard);
}

/** Replaces the function `owner[name]`, if there is one, by a stand-in. */
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

/** Traps a getter: Node.js loads some classes when they are first read. */
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
    // The function that `promisify` uses calls the original itself, so it is trapped too.
    if (key === promisify.custom && typeof descriptor.value === 'function')
      descriptor.value = passThrough(descriptor.value as Function, guard);
    if (key === 'prototype') (standIn as { prototype: unknown }).prototype = descriptor.value;
    else Object.defineProperty(standIn, key, descriptor);
  }
  return standIn;
}
