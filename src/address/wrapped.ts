/** Which function a wrapper stands for. @module */

import { shared } from '../realm.ts';
import type { Definition } from './registry.ts';

const definitions = shared('wrapped', () => new WeakMap<object, Definition>());

/** Remembers that `wrapper` stands for the function of `definition`. */
export function noteWrapper(wrapper: Function, definition: Definition): void {
  definitions.set(wrapper, definition);
}

/** The function that `value` stands for, if it is a wrapper. */
export function definitionOf(value: unknown): Definition | undefined {
  return typeof value === 'function' ? definitions.get(value) : undefined;
}
