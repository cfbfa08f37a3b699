/** Methods of built-in containers as values: `Array.prototype.push`, `list.push.bind(list)`. @module */

import { changesSelf, pureMethods } from '../known.ts';
import { nothing, Thing } from './value.ts';
import type { Value } from './value.ts';
import type { Walk } from './walk.ts';

/** Whether `name` is a known method of containers. */
export function isContainerMethod(name: string | undefined): name is string {
  return name !== undefined && (changesSelf.has(name) || pureMethods.has(name));
}

/** The name of the container method that `thing` is; `undefined` if it is none. */
export function methodName({ kind, path }: Thing): string | undefined {
  if (kind !== 'outside' || path === undefined) return undefined;
  const name = /^[A-Z]\w*\.prototype\.(\w+)$/.exec(path)?.[1];
  return isContainerMethod(name) ? name : undefined;
}

const methods = new WeakMap<Walk, Map<string, Thing>>();

/** The method `name` of the built-in containers, as a function. */
export function prototypeMethod(walk: Walk, name: string): Thing {
  let known = methods.get(walk);
  if (!known) methods.set(walk, (known = new Map()));
  let method = known.get(name);
  if (!method) known.set(name, (method = new Thing('outside', { path: `Array.prototype.${name}` })));
  return method;
}

const bound = new WeakMap<Thing, Value>();

/** The result of `method.bind(self)`. */
export function bindMethod({ heap }: Walk, { path }: Thing, self: Value): Value {
  const thing = new Thing('outside', { path });
  bound.set(thing, self);
  return heap.holding(thing);
}

/** The receiver that `method` is bound to. */
export const boundTo = (method: Thing): Value => bound.get(method) ?? nothing;
