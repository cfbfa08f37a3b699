/** What the other side can reach of an object: its listed members, and nothing else. @module */

import { OffloopError } from '../../../base/errors.ts';
import { entityStream } from '../../entity-stream.ts';
import { Use } from '../../crossing/form.ts';
import type { Members } from '../../crossing/form.ts';
import { membersOf } from '../../tenancy/members.ts';
import { membersBehind } from '../../proxies/proxy.ts';
import type { Remote } from './remote.ts';

/** The way to one object or function of this side. */
export interface Gate {
  /** @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if there is no such method; what the method throws. */
  call(name: string, args: unknown[]): unknown;

  /** @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if there is no such value. */
  read(name: string): unknown;

  /** A call without an answer, for what is of this library: no code of the program runs in it. */
  direct?(message: unknown): void;

  /** Called once, when the other side has forgotten the object, or is gone. */
  released?(): void;
}

/** Lets the members in `names` be reached; without it, the methods and accessors of a class, or all of a plain object. */
export function objectGate(target: object, names?: readonly string[]): Gate {
  const members = listed(target, names);
  return {
    call(name, args) {
      const use = members[name] ?? 0;
      if ((use & (Use.call | Use.iterate)) === 0) throw notFound('method', name);
      const method = (target as Record<string, unknown>)[name];
      // A field may hold something else by now.
      if (typeof method !== 'function') throw notFound('method', name);
      const value: unknown = Reflect.apply(method, target, args);
      return (use & Use.iterate) === 0 ? value : entityStream(value as Iterable<unknown>);
    },
    read(name) {
      if (((members[name] ?? 0) & Use.read) === 0) throw notFound('value', name);
      return (target as Record<string, unknown>)[name];
    },
  };
}

/** A function is called under no name. */
export function functionGate(target: Function): Gate {
  return {
    call(name, args) {
      if (name !== '') throw notFound('method', name);
      return Reflect.apply(target, undefined, args);
    },
    read: (name) => {
      throw notFound('value', name);
    },
  };
}

/** What the peer of another link is passed on as: whatever that link lets be reached. */
export function forwardGate(remote: Remote): Gate {
  return { call: (name, args) => remote.call(name, args), read: (name) => remote.read(name) };
}

function listed(target: object, names: readonly string[] | undefined): Members {
  const threaded = membersBehind(target);
  const all = threaded ?? membersOf(target);
  const isPlain = Object.getPrototypeOf(Object.getPrototypeOf(target) ?? {}) === null;
  const members = Object.create(null) as Record<string, number>;
  for (const [name, use] of Object.entries(all)) {
    // The fields of an instance are its own affair, also those that only its types call private.
    const isOwn = threaded ? use === Use.read + Use.write : isField(target, name);
    if (names ? names.includes(name) : isPlain || !isOwn) members[name] = use;
  }
  return members;
}

function isField(target: object, name: string): boolean {
  const own = Object.getOwnPropertyDescriptor(target, name);
  return own !== undefined && typeof own.value !== 'function';
}

function notFound(what: string, name: string): OffloopError {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return new OffloopError('ERR_OFFLOOP_NOT_FOUND', `Cannot reach the ${what} ${JSON.stringify(shown)} of a peer`);
}
