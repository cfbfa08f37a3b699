/** Functions as arguments: they stay where their closures live, and the other side has handles. @module */

import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';

/** The functions that one call lent to a thread, on the side where they live. */
export class HandleTable {
  readonly #functions: Function[] = [];
  readonly #ids = new Map<Function, number>();

  /** The id under which the thread calls `fn`, from 1; the same one for the same function. */
  exportFunction(fn: Function): number {
    const known = this.#ids.get(fn);
    if (known !== undefined) return known;
    const id = this.#functions.push(fn);
    this.#ids.set(fn, id);
    return id;
  }

  /** The function that was given `id`. */
  get(id: number): Function | undefined {
    return this.#functions[id - 1];
  }
}

/** What a handle returns: a promise that knows whether anybody wants its outcome. */
export class HandleReply extends Promise<unknown> {
  /** Whether the result was awaited, or anything was chained to it. */
  taken = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Keeps a failure that nobody takes from ending the thread as an unhandled rejection. */
  quiet(): void {
    void Promise.prototype.then.call(this, undefined, () => undefined);
  }

  // A signature of its own would have to repeat all of the built-in one's type parameters.
  override then: Promise<unknown>['then'] = (...listeners) => {
    this.taken = true;
    return Promise.prototype.then.apply(this, listeners) as never;
  };
}

/**
 * Makes a handle whose calls go through `send`. Once `isReleased`, they reject with `ERR_OFFLOOP_HANDLE_RELEASED`, which
 * goes unheard where nobody takes the result.
 */
export function createHandle(send: (args: unknown[]) => HandleReply, isReleased: () => boolean): Function {
  return function handle(...args: unknown[]): Promise<unknown> {
    if (!isReleased()) return send(args);
    const reply = new HandleReply((_, reject) => reject(releasedError()));
    // A progress report that comes late must not end the thread.
    reply.quiet();
    return reply;
  };
}

/** The error for a handle whose call has settled. */
export function releasedError(): OffloopError {
  const text = 'Cannot call a function that was passed as an argument: the call it was passed to has settled';
  return new OffloopError('ERR_OFFLOOP_HANDLE_RELEASED', text);
}
