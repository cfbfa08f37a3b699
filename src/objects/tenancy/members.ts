/** The members of an object that can be reached from elsewhere: those of its class, and its own fields. @module */

import { Use } from '../crossing/form.ts';
import type { Members } from '../crossing/form.ts';

/** Members that no object shows, whichever class has them. */
const hidden = new Set(['constructor', 'then', '__proto__', 'toJSON']);

/** Members of every function, which are no static members of a class. */
const ofFunctions = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

/** The members of `target`: its own fields, and those of its class and of the classes that this one extends. */
export function membersOf(target: object): Members {
  return collect(target, Object.prototype);
}

/** The static members of `type`, and of the classes that it extends. */
export function staticsOf(type: object): Members {
  return collect(type, Function.prototype, ofFunctions);
}

function collect(target: object, end: object, left?: ReadonlySet<string>): Members {
  // Without a prototype, so that no inherited name counts as a member.
  const members = Object.create(null) as Record<string, number>;
  for (let at: object | null = target; at && !isEnd(at, end); at = Object.getPrototypeOf(at) as object | null) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (hidden.has(name) || left?.has(name) || name in members) continue;
      members[name] = usesOf(property);
    }
  }
  return members;
}

/** `end`, or its counterpart of another realm, such as that of a test runner. */
function isEnd(at: object, end: object): boolean {
  return at === end || (Object.getPrototypeOf(at) === null && Object.hasOwn(at, 'hasOwnProperty'));
}

function usesOf({ get, set, value, writable }: PropertyDescriptor): number {
  if (typeof value === 'function') return /Generator/.test(tagOf(value)) ? Use.iterate : Use.call;
  if (get || set) return (get ? Use.read : 0) + (set ? Use.write : 0);
  return Use.read + (writable ? Use.write : 0);
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);
