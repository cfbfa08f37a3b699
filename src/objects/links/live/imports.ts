/** The objects and functions of the other side that are used over one connection. @module */

import { FinalizationRegistry, WeakRef } from '../../../base/intrinsics.ts';
import type { Remote } from './remote.ts';

/** An object of the other side, as it is known here: as long as something here holds `remote`. */
interface Import {
  readonly id: number;
  readonly remote: WeakRef<Remote>;
  proxy: WeakRef<object>;

  /** How often it has arrived. */
  times: number;
}

/** Ends the use of one object. */
export interface Leave {
  /** If the object comes again, it is another one here. */
  leave(): void;

  /** Tells the other side. */
  forget(): void;
}

/** Told that an object, which has arrived so often, is no longer used. */
type Forget = (id: number, times: number) => void;

const lost = new FinalizationRegistry<{ readonly imports: Imports; readonly entry: Import }>(({ imports, entry }) =>
  imports.forget(entry),
);

/** Gives the same proxy for the same object, for as long as somebody has it. */
export class Imports {
  readonly #entries = new Map<number, Import>();
  readonly #remoteOf: (id: number, leave: Leave) => Remote;
  readonly #forget: Forget;

  constructor(remoteOf: (id: number, leave: Leave) => Remote, forget: Forget) {
    this.#remoteOf = remoteOf;
    this.#forget = forget;
  }

  /** Gives the proxy of the object `id`, which has arrived once more. */
  receive(id: number, make: (remote: Remote) => object): object {
    const known = this.#entries.get(id);
    const remote = known?.remote.deref();
    if (!known || !remote) return this.#add(id, make);
    known.times += 1;
    const before = known.proxy.deref();
    if (before) return before;
    const proxy = make(remote);
    known.proxy = new WeakRef(proxy);
    return proxy;
  }

  #add(id: number, make: (remote: Remote) => object): object {
    const remote = this.#remoteOf(id, { leave: () => this.#leave(entry), forget: () => this.forget(entry) });
    const proxy = make(remote);
    const entry: Import = { id, remote: new WeakRef(remote), proxy: new WeakRef(proxy), times: 1 };
    this.#entries.set(id, entry);
    lost.register(remote, { imports: this, entry }, entry);
    return proxy;
  }

  #leave(entry: Import): void {
    if (this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
  }

  /** Forgets an object that is not used any more. */
  forget(entry: Import): void {
    this.#leave(entry);
    lost.unregister(entry);
    if (entry.times > 0) this.#forget(entry.id, entry.times);
    entry.times = 0;
  }

  clear(): void {
    for (const entry of this.#entries.values()) lost.unregister(entry);
    this.#entries.clear();
  }
}
