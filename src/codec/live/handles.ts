/** Functions as arguments: a function stays in its own thread; the other thread gets a handle to call it. @module */

import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';

/** The functions that were passed to one call, on the side where they live. */
export class HandleTable {
  readonly #functions: Function[] = [];
  readonly #ids = new Map<Function, number>();

  /** The id under which the thread calls `fn`, from 1; a function that is exported twice keeps its id. */
  exportFunction(fn: Function): number {
    const known = this.#ids.get(fn);
    if (known !== undefined) return known;
    const id = this.#functions.push(fn);
    this.#ids.set(fn, id);
    return id;
  }

  /** The function with the id `id`. */
  get(id: number): Function | undefined {
    return this.#functions[id - 1];
  }
}

/** The promise that a handle returns. It knows whether its result is used. */
export class HandleReply extends Promise<unknown> {
  /** Whether the promise was awaited or chained. */
  taken = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /**
   * Marks the promise as handled, so that a failure whose result is not used does not end the thread as an unhandled
   * rejection.
   */
  quiet(): void {
    void Promise.prototype.then.call(this, undefined, () => undefined);
  }

  // A property with the built-in type: a method would have to repeat all of its type parameters.
  override then: Promise<unknown>['then'] = (...listeners) => {
    this.taken = true;
    return Promise.prototype.then.apply(this, listeners) as never;
  };
}

/**
 * Makes a handle whose calls go through `send`. Once `isReleased()`, calls reject with `ERR_OFFLOOP_HANDLE_RELEASED`;
 * that rejection is silent if the result is not used.
 */
export function createHandle(send: (args: unknown[]) => HandleReply, isReleased: () => boolean): Function {
  return function handle(...args: unknown[]): Promise<unknown> {
    if (!isReleased()) return send(args);
    const reply = new HandleReply((_, reject) => reject(releasedError()));
    // A late progress report must not end the thread.
    reply.quiet();
    return reply;
  };
}

/** The error of a handle that is called after its call has settled. */
export function releasedError(): OffloopError {
  const text = 'Cannot call a function that was passed as an argument: the call it was passed to has settled';
  return new OffloopError('ERR_OFFLOOP_HANDLE_RELEASED', text);
}
