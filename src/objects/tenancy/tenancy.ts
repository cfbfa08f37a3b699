/** The objects of one home, in the thread where they live. @module */

import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { Latch } from '../../base/latch.ts';
import { Watched } from '../../channel/watched.ts';
import { crossAs } from '../../codec/sendable.ts';
import { isThenable } from '../../base/thenable.ts';
import { closedError } from '../crossing/closed.ts';
import { begin, check, disposeOf, end, notReached, reach, whenIdle } from './entry.ts';
import type { Entry } from './entry.ts';
import { LocalEntityStream } from '../entity-stream.ts';
import { ofClass, Use } from '../crossing/form.ts';
import type { Members, ObjectForm, ObjectName } from '../crossing/form.ts';
import { membersOf, staticsOf } from './members.ts';
import { livingHere, ObjectReference } from '../crossing/reference.ts';

/** More than a life can have. */
const mostObjects = 2 ** 32;

export type Class = new (...args: unknown[]) => object;

/**
 * The object that was started, its class, and the objects that its methods have returned.
 *
 * Invariant: a call reaches only a listed member of an entry; an entry is disposed of only while none is in flight.
 */
export class Tenancy {
  /** Opens once the object that was started is gone. */
  readonly over: Latch = new Latch();
  readonly #home: number;
  readonly #type: Class;

  readonly #entries = new Map<number, Entry>();
  readonly #ids = new WeakMap<object, number>();

  /** The number of the last object; none of an earlier life has it, so that a proxy of that one is refused. */
  #last: number;

  /** `life` is how many homes of this number there were before, each in a thread that has ended. */
  constructor(home: number, type: Class, life: number) {
    this.#home = home;
    this.#type = type;
    this.#last = life * mostObjects;
  }

  /** Constructs the object. */
  start(args: unknown[]): ObjectReference {
    const target = new this.#type(...args);
    const entry = this.#add(0, target, membersOf(target));
    const statics = this.#add(ofClass, this.#type, staticsOf(this.#type)).members;
    return new ObjectReference({ home: this.#home, id: 0, type: this.#type.name, members: entry.members, statics });
  }

  /** Gives the object that the other side names. */
  receive({ id }: ObjectName): object {
    return this.#entry(id, 'an object').target;
  }

  /** Most calls of an object come here, and most programs make few: so the checks are in line, not in functions of their own. */
  call(id: number, name: string, args: unknown[]): unknown {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.isClosed) throw closedError(name);
    const { target, members } = entry;
    if (((members[name] ?? 0) & Use.call) === 0) throw notReached(target, name);
    const method = (target as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown;
    const value = Reflect.apply(method, target, args);
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
    return isThenable(value) ? this.#await(entry, value) : this.#present(value);
  }

  iterate(id: number, name: string, args: unknown[]): unknown {
    const entry = this.#entry(id, name);
    const { target } = entry;
    const source =
      target instanceof LocalEntityStream
        ? target.take()
        : Reflect.apply(reach(entry, name, Use.iterate) as (...args: unknown[]) => unknown, target, args);
    begin(entry);
    return new Watched(source, () => {
      end(entry);
      if (target instanceof LocalEntityStream) this.#remove(id, entry);
    });
  }

  read(id: number, name: string): unknown {
    const entry = this.#entry(id, name);
    const value = reach(entry, name, Use.read);
    return isThenable(value) ? this.#await(entry, value) : this.#present(value);
  }

  write(id: number, name: string, value: unknown): void {
    const entry = this.#entry(id, name);
    check(entry, name, Use.write);
    (entry.target as Record<string, unknown>)[name] = value;
  }

  /**
   * Takes no more calls of the object, and resolves once none is in flight. `times` is how often the other side has
   * received it, if it has only lost its last proxy; gives whether the object has to go.
   */
  async settle(id: number, times: number): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (!entry || times < entry.times) return false;
    const all = id === 0 ? [...this.#entries.values()] : [entry];
    for (const each of all) each.isClosed = true;
    await Promise.all(all.map(whenIdle));
    return true;
  }

  /** Disposes of the object, after those that it has returned, the newest first. */
  async dispose(id: number): Promise<void> {
    const ids = id === 0 ? [...this.#entries.keys()].filter((other) => other > 0).toSorted((a, b) => b - a) : [];
    const errors: unknown[] = [];
    for (const each of [...ids, id]) {
      const entry = this.#entries.get(each);
      if (!entry) continue;
      const isBack = this.#ids.get(entry.target) !== each;
      this.#remove(each, entry);
      if (isBack) continue;
      // One after the other: an object may use those that came before it.
      // oxlint-disable-next-line no-await-in-loop
      await disposeOf(entry.target).catch((error: unknown) => errors.push(error));
    }
    if (id === 0) this.over.open();
    if (errors.length > 1) throw new AggregateError(errors, 'Cannot release the objects: several have failed');
    if (errors.length > 0) throw errors[0];
  }

  #add(id: number, target: object, members: Members): Entry {
    const entry: Entry = { target, members, times: 0, active: 0, idle: undefined, isClosed: false };
    this.#entries.set(id, entry);
    this.#ids.set(target, id);
    return entry;
  }

  #remove(id: number, { target }: Entry): void {
    this.#entries.delete(id);
    if (this.#ids.get(target) === id) this.#ids.delete(target);
  }

  #entry(id: number, name: string): Entry {
    const entry = this.#entries.get(id);
    if (entry && !entry.isClosed) return entry;
    throw closedError(name);
  }

  async #await(entry: Entry, value: PromiseLike<unknown>): Promise<unknown> {
    begin(entry);
    try {
      return this.#present(await value);
    } finally {
      end(entry);
    }
  }

  /** Notes that an object lives here, before it is sent as a result. */
  #present(value: unknown): unknown {
    if (typeof value === 'object' && value !== null && staysHere(value) && !homes.has(value)) homes.set(value, this);
    return value;
  }

  /** Describes `value`, which stays here, for the other side. */
  describe(value: object): ObjectForm {
    const known = this.#ids.get(value) ?? 0;
    // An object that is about to go, since its last proxy was lost, comes back under another number.
    const isGoing = known > 0 && this.#entries.get(known)?.isClosed !== false;
    const isNew = isGoing || !this.#ids.has(value);
    const id = isNew ? (this.#last += 1) : known;
    const isStream = value instanceof LocalEntityStream;
    const entry = isNew
      ? this.#add(id, value, isStream ? noMembers : membersOf(value))
      : (this.#entries.get(id) as Entry);
    entry.times += 1;
    const form: ObjectForm = { home: this.#home, id, type: value.constructor.name, members: entry.members };
    return isStream ? { ...form, window: value.window } : form;
  }
}

/** The home of each object that was sent as a result. */
const homes = new WeakMap<object, Tenancy>();

/** The classes whose instances are not copied, but stay where they are. */
const staying = new WeakSet<object>();

function staysHere(value: object): boolean {
  return staying.has(Object.getPrototypeOf(value) as object);
}

/** Makes the instances of `type` stay where they are: a proxy of them arrives. */
export function makeStay(type: Class): void {
  if (staying.has(type.prototype as object)) return;
  staying.add(type.prototype as object);
  crossAs(type, ObjectReference, (value) => homeOf(value).describe(value));
}

/** The home of `value`: the one that has it, or the one of this thread. */
function homeOf(value: object): Tenancy {
  const known = homes.get(value) ?? [...livingHere.values()].findLast((end) => end instanceof Tenancy);
  if (known) return known;
  const name = value.constructor.name;
  const text = `Cannot send an instance of ${name}: it was not made in the thread of a threaded object`;
  throw new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', `${text}, where its class lets it stay`);
}

makeStay(LocalEntityStream as unknown as Class);

const noMembers: Members = Object.create(null) as Members;
