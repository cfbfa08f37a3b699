/** The proxies through which the other side is used: names are sent, everything else is answered here. @module */

import { inspect } from 'node:util';
import { argumentError } from '../../../base/errors.ts';
import { fixedTraps } from '../../../base/fixed.ts';
import { duration, ownOptions } from '../../../base/options.ts';
import type { Check } from '../../../base/options.ts';
import { signalCheck } from '../../../base/signal.ts';
import { standsFor } from './remote.ts';
import type { LinkCallOptions, Remote } from './remote.ts';

export const linkCallChecks: Readonly<Record<keyof LinkCallOptions, Check>> = {
  signal: signalCheck,
  timeout: duration,
};

const cure = 'Let one of its methods change it';

/** The prototype that proxies of the other side show: not that of plain objects, which are copied. */
const shownPrototype: object = Object.create(Object.prototype) as object;

/** Names that stand for nothing of the other side, so that a proxy can be awaited, printed, compared and serialized. */
const own = new Set([
  'then',
  'constructor',
  'prototype',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  'toJSON',
  'valueOf',
  'toString',
  'toLocaleString',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
]);

/** Makes the proxy of an object; with `callable`, of what may be a function as well. */
export function objectPeer(remote: Remote, { options, callable = false }: PeerOptions = {}): object {
  const members = new Map<string, unknown>();
  const controls: Record<string, unknown> = {
    with: (more: LinkCallOptions) => {
      const checked = ownOptions('a call of a peer', more, linkCallChecks);
      return objectPeer(remote, { options: { ...options, ...checked }, callable });
    },
    release: () => remote.release(),
  };
  const base: object = callable ? (): void => undefined : {};
  // What prints a proxy looks at its target.
  Object.defineProperty(base, inspect.custom, { value: shown, configurable: true });
  const peer: object = new Proxy(base, {
    get(_, key) {
      if (typeof key === 'symbol') return symbolOf(key, remote);
      const known = members.get(key);
      if (known) return known;
      if (own.has(key)) return key === 'toString' ? shown : undefined;
      if (Object.hasOwn(controls, key)) return controls[key];
      const member = memberOf(remote, key, options);
      members.set(key, member);
      return member;
    },
    has: (_, key) => typeof key === 'string' && !own.has(key),
    apply: (_, __, args: unknown[]) => remote.call('', args, options),
    set(_, key) {
      throw argumentError(`Cannot assign ${String(key)} of a peer: it lives elsewhere. ${cure}`);
    },
    ...fixedTraps('a peer', shownPrototype, cure),
  });
  return standsFor(peer, remote);
}

interface PeerOptions {
  readonly options?: LinkCallOptions | undefined;
  readonly callable?: boolean;
}

const shown = (): string => '[linked object]';

/** Symbols are never sent. */
function symbolOf(key: symbol, remote: Remote): unknown {
  if (key === Symbol.asyncDispose) return () => remote.release();
  if (key === Symbol.toPrimitive || key === inspect.custom) return shown;
  return key === Symbol.toStringTag ? 'LinkedObject' : undefined;
}

/** A member is a method that is called, or a value that is awaited; it is frozen, so that no assignment to it is lost. */
function memberOf(remote: Remote, name: string, options: LinkCallOptions | undefined): unknown {
  const read = (): Promise<unknown> => remote.read(name, options);
  const member = (...args: unknown[]): Promise<unknown> => remote.call(name, args, options);
  Object.defineProperties(member, {
    name: { value: name },
    then: { value: (...on: never[]) => read().then(...on) },
    catch: { value: (on: never) => read().catch(on) },
    finally: { value: (on: never) => read().finally(on) },
  });
  return Object.freeze(member);
}

/** Makes the counterpart of a function. A call whose result nobody uses fails silently, as a late progress report does. */
export function functionPeer(remote: Remote): Function {
  const peer = (...args: unknown[]): Promise<unknown> => {
    const result = remote.call('', args);
    result.catch(() => undefined);
    return result;
  };
  Object.defineProperties(peer, {
    name: { value: 'linked function' },
    release: { value: () => remote.release() },
    [Symbol.asyncDispose]: { value: () => remote.release() },
  });
  return standsFor(peer, remote);
}
