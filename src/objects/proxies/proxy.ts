/** The proxies through which objects are used: only listed members are reached; everything else is answered here. @module */

import { inspect } from 'node:util';
import { toThread } from '../../codec/sendable.ts';
import { argumentError, OffloopError } from '../../base/errors.ts';
import { fixedTraps } from '../../base/fixed.ts';
import { ownOptions } from '../../base/options.ts';
import { noteStandIn } from '../../wrappers/off-loop.ts';
import { Use } from '../crossing/form.ts';
import type { Members } from '../crossing/form.ts';
import { callChecks } from '../terms/options.ts';
import type { ObjectCallOptions } from '../terms/options.ts';
import { ObjectReference } from '../crossing/reference.ts';
import type { Caller, Target } from './target.ts';
import type { AnyClass, ObjectControls, ThreadedObject } from '../terms/types.ts';

/** The facts of an object that its proxy shows. */
export interface Shown {
  readonly type: string;
  readonly members: Members;
}

type Controls = ObjectControls<object>;

const cure = 'Let one of its methods change it';

const controlsOf = new WeakMap<object, Controls>();
const membersOfProxies = new WeakMap<object, Members>();

/** The members of the object in a thread that `value` is a proxy of, if it is one. */
export function membersBehind(value: object): Members | undefined {
  return membersOfProxies.get(value);
}

/** Makes a proxy of `target`, whose calls have the checked `options`. */
export function proxyOf(shown: Shown, target: Target, options: ObjectCallOptions | undefined): object {
  const controls = makeControls(shown, target, options);
  const { members } = shown;
  const methods = new Map<string, unknown>();
  // The prototype lets the codec see that the proxy stands for an object of a thread.
  const shows = { value: () => `[threaded: ${shown.type}]`, configurable: true };
  const base = Object.create(ObjectReference.prototype, { [inspect.custom]: shows }) as object;
  const proxy = new Proxy(base, {
    get(_, key) {
      if (typeof key === 'symbol') return symbolOf(key, shown, target, controls);
      const use = members[key];
      if (use === undefined) return controlNames.has(key) ? controls[key as keyof Controls] : undefined;
      const known = methods.get(key);
      if (known) return known;
      if ((use & (Use.call | Use.iterate)) === 0) {
        if ((use & Use.read) === 0) return undefined;
        return target.read(key, options, Reflect.get);
      }
      const made = (use & Use.call) === 0 ? generatorOf(key, target, options) : methodOf(key, target, options);
      methods.set(key, made);
      return made;
    },
    has: (_, key) => typeof key === 'string' && (key in members || controlNames.has(key)),
    set(_, key) {
      const text = `Cannot assign ${String(key)} of a threaded ${shown.type}`;
      if (typeof key === 'symbol') throw argumentError(`${text}: symbols do not cross. ${cure}`);
      throw argumentError(
        `${text}: an assignment cannot be awaited. Call await object.set(${JSON.stringify(key)}, value)`,
      );
    },
    ...fixedTraps(`a threaded ${shown.type}`, ObjectReference.prototype, cure),
  });
  controlsOf.set(proxy, controls);
  membersOfProxies.set(proxy, members);
  return proxy;
}

/**
 * Gives the controls of `object`, also those that a member of its class hides.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `object` is no threaded object.
 *
 * @example
 * ```ts
 * await using store = await Store.start(); // a class with a method `set` of its own
 *
 * await store.set('key', 1); // calls that method
 * await controls(store).set('ttl', 60_000); // sets the field `ttl`
 * ```
 */
export function controls<T extends object, N extends AnyClass, S>(
  object: ThreadedObject<T, N, S>,
): ObjectControls<T, N, S> {
  const found = controlsOf.get(object);
  if (found) return found as unknown as ObjectControls<T, N, S>;
  throw argumentError('Cannot give the controls: expected a threaded object');
}

function makeControls(shown: Shown, target: Target, options: ObjectCallOptions | undefined): Controls {
  const release = (): Promise<void> => target.release();
  return {
    with(more: ObjectCallOptions) {
      const checked = ownOptions(`a call of ${shown.type}`, more, callChecks);
      return proxyOf(shown, target, { ...options, ...checked }) as never;
    },
    async set(name: string, value: unknown) {
      const use = shown.members[name] ?? 0;
      if ((use & Use.write) !== 0) return target.write(name, value, options, release);
      const text = `Cannot set ${name}: ${shown.type} has no field or setter of that name`;
      throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', text);
    },
    release,
    [Symbol.asyncDispose]: release,
    get statics() {
      return target.statics() as never;
    },
    get threadId() {
      return target.threadId;
    },
    get status() {
      return target.status;
    },
  };
}

const controlNames: ReadonlySet<string> = new Set(['with', 'set', 'release', 'statics', 'threadId', 'status']);

/** Symbols are never sent: the thread is not asked. */
function symbolOf(key: symbol, { type }: Shown, target: Target, { release }: Controls): unknown {
  if (key === Symbol.asyncDispose) return release;
  if (key === toThread && target.reference) return () => target.reference?.form;
  if (key === Symbol.toStringTag) return `Threaded ${type}`;
  if (key === Symbol.toPrimitive) return () => `[threaded: ${type}]`;
  return undefined;
}

function methodOf(name: string, target: Target, options: ObjectCallOptions | undefined): unknown {
  const { definition, call } = target.method(name, options);
  const method = (...args: unknown[]): Promise<unknown> => call(args, method);
  Object.defineProperty(method, 'name', { value: name });
  noteStandIn(method, {
    definition,
    with(more) {
      const { call: callWith } = target.method(name, ownOptions(name, { ...options, ...more }, callChecks));
      const bound = (...args: unknown[]): Promise<unknown> => callWith(args, bound);
      return bound;
    },
  });
  return method;
}

function generatorOf(name: string, target: Target, options: ObjectCallOptions | undefined): unknown {
  const call: Caller<unknown> = target.generator(name, options);
  const method = (...args: unknown[]): unknown => call(args, method);
  return Object.defineProperty(method, 'name', { value: name });
}
