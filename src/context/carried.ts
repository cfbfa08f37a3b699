/** Copies the context of a call, and enters the copy in the thread that runs the call. @module */

import type { Hole } from '../codec/walk/hole.ts';
import { isPrimitive } from '../codec/quick/look.ts';
import { unpack } from '../codec/walk/unpack.ts';
import { contexts } from './in-use.ts';
import { freeze } from './freeze.ts';
import { propagated } from './propagate.ts';
import type { ContextStore, Propagated } from './propagate.ts';
import { crossings, noValues, values } from './variables.ts';
import type { Crossing, Values } from './variables.ts';

/**
 * The context of a call as it is sent: `variables` and `stores` alternate names and values, and `holes` restores what
 * structured clone would have lost.
 */
export interface Carried {
  readonly variables: unknown[];
  readonly stores: unknown[];
  holes: Hole[] | undefined;
}

/** A context that a thread has restored. */
export interface Entered {
  readonly values: Values;
  readonly stores: readonly (readonly [store: ContextStore<unknown>, value: unknown])[];
}

/**
 * The last context that was copied. It is reused while nothing has changed, and only kept if all values are primitives.
 */
let last: { readonly values: Values | undefined; readonly stores: unknown[]; readonly carried: Carried } | undefined;

/**
 * Copies the current context; `undefined` if it is empty. An unchanged context of primitives gives the same object
 * again, so that it need not be sent again.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if a value that must not be omitted cannot be cloned.
 */
export function carry(): Carried | undefined {
  const here = values.getStore();
  if (propagated.size === 0 && here === undefined) return undefined;
  if (last && last.values === here && areTheSame(last.stores)) return last.carried;
  const stores = [...propagated.values()].map(({ store }) => store.getStore());
  const taken = new Taking();
  for (const [name, value] of here ?? noValues) taken.variable(name, value);
  for (const [i, [name, to]] of [...propagated].entries()) taken.store(name, to, stores[i]);
  if (!taken.isPlain) return taken.carried;
  last = { values: here, stores, carried: taken.carried };
  return last.carried;
}

/** As {@link carry}, but only the values that have changed since `entered` was entered. */
export function carryChanges(entered: Entered | undefined): Carried | undefined {
  const here = values.getStore();
  if (propagated.size === 0 && here === entered?.values) return undefined;
  const before = new Map(entered?.stores);
  const taken = new Taking();
  for (const [name, value] of here ?? noValues) {
    const was = entered?.values;
    if (!was?.has(name) || !Object.is(was.get(name), value)) taken.variable(name, value);
  }
  for (const [name, to] of propagated) {
    const value = to.store.getStore();
    if (value !== before.get(to.store)) taken.store(name, to, value);
  }
  return taken.isEmpty ? undefined : taken.carried;
}

/** Restores a context; throws what a `deserialize` function throws. */
export function restore(carried: Carried): Entered {
  const { variables, stores, holes } = carried;
  if (holes) unpack(variables, holes, {});
  // The holes are filled in place, so this is done once.
  carried.holes = undefined;
  const entered = new Map<string, unknown>();
  for (let i = 0; i < variables.length; i += 2) {
    const name = variables[i] as string;
    entered.set(name, made(crossings.get(name), variables[i + 1]));
  }
  const found: (readonly [ContextStore<unknown>, unknown])[] = [];
  for (let i = 0; i < stores.length; i += 2) {
    const to = propagated.get(stores[i] as string);
    if (to) found.push([to.store, made(to, stores[i + 1])]);
  }
  return { values: entered, stores: found };
}

/** Runs `run` in the current context overlaid with the restored values, and returns its result. */
export function enter<T>({ values: entered, stores }: Entered, run: () => T): T {
  const inner = stores.reduce<() => T>(
    (next, [store, value]) =>
      () =>
        store.run(value, next),
    run,
  );
  const here = values.getStore();
  if (entered.size === 0) return inner();
  contexts.areUsed = true;
  return values.run(here && here.size > 0 ? new Map([...here, ...entered]) : entered, inner);
}

function areTheSame(stores: readonly unknown[]): boolean {
  let i = 0;
  for (const { store } of propagated.values()) if (store.getStore() !== stores[i++]) return false;
  return i === stores.length;
}

const made = (crossing: Crossing | undefined, data: unknown): unknown =>
  crossing?.deserialize ? crossing.deserialize(data as never) : data;

/** Collects the copies of a context's values. */
class Taking {
  readonly #variables: unknown[] = [];
  readonly #stores: unknown[] = [];
  readonly #holes: Hole[] = [];

  /** Whether all values so far are primitives that no `serialize` function has made. */
  isPlain = true;

  get isEmpty(): boolean {
    return this.#variables.length === 0 && this.#stores.length === 0;
  }

  get carried(): Carried {
    const holes = this.#holes.length > 0 ? this.#holes : undefined;
    return { variables: this.#variables, stores: this.#stores, holes };
  }

  variable(name: string, value: unknown): void {
    this.#add(this.#variables, name, value, crossings.get(name));
  }

  store(name: string, to: Propagated, value: unknown): void {
    if (value !== undefined) this.#add(this.#stores, name, value, to);
  }

  #add(list: unknown[], name: string, value: unknown, crossing: Crossing | undefined): void {
    if (isPrimitive(value) && !crossing?.serialize) return void list.push(name, value);
    this.isPlain = false;
    const frozen = freeze(name, value, crossing);
    if (!frozen) return;
    const at = list.push(name, frozen.values[0]) - 1;
    // The frozen value moves from a list of its own to `list`, so a hole in the former becomes a hole in the latter.
    for (const [container, key, kind, payload] of frozen.holes ?? [])
      this.#holes.push(container === frozen.values ? [list, at, kind, payload] : [container, key, kind, payload]);
  }
}
