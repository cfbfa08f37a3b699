/** Which function a wrapper stands for. @module */

import { shared } from '../base/realm.ts';
import type { Definition } from './registry.ts';

const definitions = shared('wrapped', () => new WeakMap<object, Definition>());

const wrappers = shared('wrappers', () => new WeakMap<Definition, Function>());

/** Remembers that `wrapper` stands for the function of `definition`. */
export function noteWrapper(wrapper: Function, definition: Definition): void {
  definitions.set(wrapper, definition);
  wrappers.set(definition, wrapper);
}

/** What stands for the function of `definition`. */
export function wrapperOf(definition: Definition): Function | undefined {
  return wrappers.get(definition);
}

/** A wrapped method as it was read from an instance, or from a class. */
interface View {
  readonly definition: Definition;
  readonly self: object;
}

const views = shared('views', () => new WeakMap<object, View>());

/** Remembers that `view` stands for the method of `definition` on `self`. */
export function noteView(view: Function, definition: Definition, self: object): void {
  views.set(view, { definition, self });
}

/** What `view` was read from; `undefined` if it is no method, or one without its instance. */
export function receiverOf(view: Function): object | undefined {
  return views.get(view)?.self;
}

const functions = shared('functions', () => new WeakMap<Function, Definition>());

/** Remembers that `fn` itself can be found by threads as `definition`. */
export function noteFunction(fn: Function, definition: Definition): void {
  functions.set(fn, definition);
}

/** Under which definition threads find `value`, a wrapper or a function that was wrapped. */
export function reachableAs(value: Function): Definition | undefined {
  return definitionOf(value) ?? functions.get(value);
}

/** The function that `value` stands for, if it is a wrapper. */
export function definitionOf(value: unknown): Definition | undefined {
  return typeof value === 'function' ? (definitions.get(value) ?? views.get(value)?.definition) : undefined;
}
