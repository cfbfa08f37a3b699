/** Which function a wrapper stands for. @module */

import { shared } from '../realm.ts';
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

const functions = shared('functions', () => new WeakMap<Function, Definition>());

/** Remembers that `fn` itself can be found by threads as `definition`. */
export function noteFunction(fn: Function, definition: Definition): void {
  functions.set(fn, definition);
}

/** Under which definition threads find `value`, a wrapper or a function that was wrapped. */
export function reachableAs(value: Function): Definition | undefined {
  return definitions.get(value) ?? functions.get(value);
}

/** The function that `value` stands for, if it is a wrapper. */
export function definitionOf(value: unknown): Definition | undefined {
  return typeof value === 'function' ? definitions.get(value) : undefined;
}
