/** The functions of the main side that the objects of this thread keep. @module */

import { FinalizationRegistry, WeakRef } from '../base/intrinsics.ts';
import { createHandle } from '../codec/live/handles.ts';
import type { HandleReply } from '../codec/live/handles.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { noteHandle } from './handle-waits.ts';

/** A call through which functions of the main side are called. */
export interface Borrower {
  readonly isReleased: boolean;

  /** Runs `action` when the call ends. */
  atEnd(action: () => void): void;
  callBack(handleId: number, args: unknown[]): HandleReply;
  waitFor(handleId: number, args: unknown[], options: WaitOptions): unknown;
}

/** A handle's way to the main side. It must not refer to the handle itself. */
interface Route {
  readonly id: number;

  /** The call that the function was passed to last. */
  by: Borrower;

  /** How often the handle was received. */
  times: number;
}

/**
 * The handles of one lane. A handle calls through the call that it was passed to, and after that call through `keeper`,
 * a call that lasts as long as the objects of the thread.
 *
 * Invariant: the main side is told of each handle that the garbage collector has taken.
 */
export class KeptHandles {
  readonly #keeper: Borrower;
  readonly #handles = new Map<number, { readonly handle: WeakRef<Function>; readonly route: Route }>();
  readonly #dropped: FinalizationRegistry<Route>;

  /** `drop` tells the main side that this thread has no handle of a function any more, and how often it had got one. */
  constructor(keeper: Borrower, drop: (id: number, times: number) => void) {
    this.#keeper = keeper;
    this.#dropped = new FinalizationRegistry((route) => {
      if (this.#handles.get(route.id)?.route === route) this.#handles.delete(route.id);
      if (!keeper.isReleased) drop(route.id, route.times);
    });
  }

  /** The handle of the function `id`, which was passed to the call of `by`; the same one while the thread keeps it. */
  take(id: number, by: Borrower): Function {
    const known = this.#handles.get(id);
    const handle = known?.handle.deref();
    if (known && handle) {
      known.route.times += 1;
      this.#goBy(by, known.route);
      return handle;
    }
    return this.#make(id, by);
  }

  /** Lets the handle call through `by` until that has ended: a call refers to its arguments, and so to the handle. */
  #goBy(by: Borrower, route: Route): void {
    route.by = by;
    by.atEnd(() => {
      if (route.by === by) route.by = this.#keeper;
    });
  }

  #make(id: number, by: Borrower): Function {
    const route: Route = { id, by, times: 1 };
    this.#goBy(by, route);
    const handle = createHandle(
      (args) => route.by.callBack(id, args),
      () => route.by.isReleased,
    );
    noteHandle(handle, (args, options) => route.by.waitFor(id, args, options));
    this.#handles.set(route.id, { handle: new WeakRef(handle), route });
    this.#dropped.register(handle, route);
    return handle;
  }
}
