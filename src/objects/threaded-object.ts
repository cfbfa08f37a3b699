/** Makes a class whose instances live in threads. @module */

import { callSite } from '../address/call-site.ts';
import { noteCaller } from '../address/find/late.ts';
import { interruptLoad } from '../address/load/load.ts';
import { register } from '../address/registry.ts';
import type { Definition } from '../address/registry.ts';
import { noteWrapper } from '../address/wrapped.ts';
import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { kind, list, ownOptions } from '../base/options.ts';
import { threadState } from '../base/realm.ts';
import { Group, releaseAll } from './home/group.ts';
import { Home } from './home/home.ts';
import { hostOf } from './tenancy/host.ts';
import { objectChecks, startChecks } from './terms/options.ts';
import type { StartOptions } from './terms/options.ts';
import { proxyOf } from './proxies/proxy.ts';
import { makeStay } from './tenancy/tenancy.ts';
import type { Class } from './tenancy/tenancy.ts';
import type { AnyClass, ThreadedClass, ThreadedClassOptions } from './terms/types.ts';

/**
 * Makes a class whose instances live in threads of their own and are used from here. Call it at the top level of a
 * module. `await Threaded.start(…)` starts a thread and constructs an instance in it; the proxy that it gives has the
 * members of the class: methods return promises, fields and getters are promises, generator methods return bounded
 * iterators. Calls of one object begin in the order in which they were made; sync methods run one at a time, async ones
 * overlap as those of any object do.
 *
 * Arguments and results are copied as those of `threaded` are; functions among them can be called, and kept, by the
 * object: such a callback works while the object holds it, until the object is released. A method that returns `this`,
 * or an instance of a `nested` class, gives a proxy. Aborting a call, or its `timeout`, rejects it at once and aborts
 * `callSignal()` in the method; the object lives on, unless the method keeps its thread busy for another second.
 *
 * At most `maxWorkers` objects live at once (see `configure`); further ones wait. An idle object does not keep the
 * process alive.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `type` is not a class, or an option is unknown or out of range.
 * @throws {OffloopError} Calls reject with `ERR_OFFLOOP_WORKER_EXIT` once the thread has ended, and with
 * `ERR_OFFLOOP_CLOSED` once the object was released.
 *
 * @example
 * ```ts
 * export class NameSorter {
 *   #names: string[] = [];
 *   add(name: string) { this.#names.push(name); }
 *   sorted() { return this.#names.toSorted(); }
 * }
 * const Sorter = threadedObject(NameSorter);
 *
 * await using sorter = await Sorter.start();
 * await sorter.add('Ada');
 * console.log(await sorter.sorted());
 * ```
 */
export function threadedObject<C extends AnyClass, N extends AnyClass = never>(
  type: C,
  options: ThreadedClassOptions<N> = {},
): ThreadedClass<C, N> {
  if (typeof type !== 'function' || !/^class\b/.test(Function.prototype.toString.call(type))) {
    throw argumentError(
      `Cannot make threaded objects: expected a class, received ${type === null ? 'null' : typeof type}`,
    );
  }
  const { nested = [], ...rest } = ownOptions('threadedObject', options, { ...objectChecks, nested: list });
  for (const each of nested) {
    const words = kind('function')(each);
    if (words) throw argumentError(`Cannot use the option nested of threadedObject: expected classes`);
  }
  for (const each of [type, ...nested]) makeStay(each as unknown as Class);
  const host = hostOf(type as unknown as Class);
  const facts = { name: type.name, source: type, overlaps: true };
  const definition = register(host, callSite(threadedObject), facts);
  const made = classOf(definition, type.name, rest) as ThreadedClass<C, N>;
  noteWrapper(made.start, definition);
  return made;
}

function classOf(definition: Definition, name: string, options: StartOptions): ThreadedClass<AnyClass> {
  const start = (...args: unknown[]): Promise<never> => begin(definition, args, options, start) as Promise<never>;
  return {
    name,
    start: start as ThreadedClass<AnyClass>['start'],
    with(more) {
      return classOf(definition, name, { ...options, ...ownOptions(`the start of ${name}`, more, startChecks) });
    },
  };
}

async function begin(definition: Definition, args: unknown[], options: StartOptions, above: Function): Promise<object> {
  if (threadState()?.loading !== undefined) {
    noteCaller(definition, above);
    // The program must not go on here: it was not meant to run in this thread.
    if (interruptLoad(definition.name)) return new Promise(() => {});
  }
  const { instances = 1 } = options;
  const homes = Array.from({ length: instances }, () => new Home(definition, args, options));
  const started = homes.map((home) => home.start(above));
  try {
    const [proxy] = (await Promise.all(started)) as [object];
    const [{ form }] = homes as [Home];
    if (instances === 1 || !form) return proxy;
    return proxyOf({ type: form.type, members: form.members }, new Group(homes), undefined);
  } catch (error) {
    await Promise.allSettled(started);
    await releaseAll(homes);
    throw error;
  }
}
