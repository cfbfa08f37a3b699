/** Links wrappers and functions to their definitions. @module */

import { shared } from '../base/realm.ts';
import type { Definition } from './registry.ts';

const definitions = shared('wrapped', () => new WeakMap<object, Definition>());

const wrappers = shared('wrappers', () => new WeakMap<Definition, Function>());

/** Remembers that `wrapper` wraps the function of `definition`. */
export function noteWrapper(wrapper: Function, definition: Definition): void {
  definitions.set(wrapper, definition);
  wrappers.set(definition, wrapper);
}

/** The wrapper of `definition`. */
export function wrapperOf(definition: Definition): Function | undefined {
  return wrappers.get(definition);
}

/** A view of a wrapped method, read from the instance or class `self`. */
interface View {
  readonly definition: Definition;
  readonly self: object;
}

const views = shared('views', () => new WeakMap<object, View>());

/** Remembers that `view` is the method of `definition` on `self`. */
export function noteView(view: Function, definition: Definition, self: object): void {
  views.set(view, { definition, self });
}

/** The instance or class that `view` was read from; `undefined` if it is not a view of a method. */
export function receiverOf(view: Function): object | undefined {
  return views.get(view)?.self;
}

const functions = shared('functions', () => new WeakMap<Function, Definition>());

/** Remembers that threads can find `fn` itself as `definition`. */
export function noteFunction(fn: Function, definition: Definition): void {
  functions.set(fn, definition);
}

/** The definition by which threads find `value`, a wrapper or a function that was wrapped. */
export function reachableAs(value: Function): Definition | undefined {
  return definitionOf(value) ?? functions.get(value);
}

/** The definition of `value`, if it is a wrapper. */
export function definitionOf(value: unknown): Definition | undefined {
  return typeof value === 'function' ? (definitions.get(value) ?? views.get(value)?.definition) : undefined;
}
