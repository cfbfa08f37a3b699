/** Several instances behind one proxy. @module */

import { hashOf } from '../../address/hash.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { ThreadedIterator } from '../../channel/threaded-iterator.ts';
import type { Home } from './home.ts';
import type { ObjectCallOptions } from '../terms/options.ts';
import type { RemoteObject } from '../proxies/remote-object.ts';
import type { Caller, MemberCalls, Target } from '../proxies/target.ts';
import type { ObjectStatus } from '../terms/types.ts';

/**
 * Spreads the calls over instances, each in a thread of its own.
 *
 * Invariant: calls of one key go to one instance.
 */
export class Group implements Target {
  readonly reference: undefined;
  readonly threadId: undefined;
  readonly #homes: readonly Home[];
  #releasing: Promise<void> | undefined;

  /** The homes have started. */
  constructor(homes: readonly Home[]) {
    this.#homes = homes;
  }

  /** The first that applies: of all instances, one is not alive. */
  get status(): ObjectStatus {
    const all = this.#homes.map((home) => rootOf(home).status);
    return order.find((status) => all.includes(status)) ?? 'alive';
  }

  method(name: string, options: ObjectCallOptions | undefined): MemberCalls {
    const made = new Map<Home, MemberCalls>();
    const of = (home: Home): MemberCalls => {
      const known = made.get(home) ?? rootOf(home).method(name, options);
      made.set(home, known);
      return known;
    };
    const [first] = this.#homes as [Home];
    return { definition: of(first).definition, call: (args, above) => of(this.#pick(options)).call(args, above) };
  }

  generator(name: string, options: ObjectCallOptions | undefined): Caller<ThreadedIterator<unknown>> {
    return (args, above) => rootOf(this.#pick(options)).generator(name, options)(args, above);
  }

  read(name: string, options: ObjectCallOptions | undefined, above: Function): Promise<unknown> {
    return rootOf(this.#pick(options)).read(name, options, above);
  }

  async write(name: string, value: unknown, options: ObjectCallOptions | undefined, above: Function): Promise<void> {
    const homes = options?.key === undefined ? this.#homes : [this.#pick(options)];
    await Promise.all(homes.map((home) => rootOf(home).write(name, value, options, above)));
  }

  release(): Promise<void> {
    return (this.#releasing ??= releaseAll(this.#homes));
  }

  statics(): object {
    return rootOf(this.#pick(undefined)).statics();
  }

  /** The instance of the key, or else the one with the fewest calls of those that are alive, or at least come back. */
  #pick(options: ObjectCallOptions | undefined): Home {
    const homes = this.#homes;
    const { key } = options ?? {};
    if (key !== undefined) return homes[Number.parseInt(hashOf(`${typeof key} ${key}`), 36) % homes.length] as Home;
    return homes.reduce((best, home) => (isBefore(home, best) ? home : best));
  }
}

const order: readonly ObjectStatus[] = ['released', 'dead', 'restarting', 'alive'];

/** Whether calls rather go to `home` than to `other`: a dead instance, to which nothing goes, has the fewest calls. */
function isBefore(home: Home, other: Home): boolean {
  const difference = order.indexOf(home.status) - order.indexOf(other.status);
  return difference === 0 ? home.load < other.load : difference > 0;
}

const rootOf = (home: Home): RemoteObject => home.root as RemoteObject;

/** Releases all, also if some fail; then throws the first error. */
export async function releaseAll(homes: readonly Home[]): Promise<void> {
  const outcomes = await Promise.allSettled(homes.map((home) => home.release()));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
