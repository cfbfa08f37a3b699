/** Functions as arguments: they stay where their closures live, and the other side has handles. @module */

import { OffloopError } from '../errors.ts';

type RunIn = (fn: () => unknown) => unknown;

/** The functions that one call lent to a thread, on the side where they live. */
export class HandleTable {
  readonly #functions = new Map<number, Function>();
  readonly #ids = new Map<Function, number>();
  readonly #results = new Map<number, Promise<unknown>>();
  readonly #runIn: RunIn;

  /** `runIn` runs what it is given in the context of the call that lends. */
  constructor(runIn: RunIn) {
    this.#runIn = runIn;
  }

  /** The id under which the thread calls `fn`; the same one for the same function. */
  exportFunction(fn: Function): number {
    const id = this.#ids.get(fn) ?? this.#ids.size + 1;
    this.#ids.set(fn, id);
    this.#functions.set(id, fn);
    return id;
  }

  /** Calls a function now, inside of `around`; what it returns or throws is the promise's. */
  call(id: number, replyId: number, args: unknown[], around: RunIn = (run) => run()): Promise<unknown> {
    const result = new Promise((resolve) => {
      const fn = this.#functions.get(id) as Function;
      resolve(this.#runIn(() => around(() => Reflect.apply(fn, undefined, args))));
    });
    this.#results.set(replyId, result);
    result.then(
      () => this.#results.delete(replyId),
      () => undefined,
    );
    return result;
  }

  /** Resolves once the calls `replyIds` have settled; rejects with the first failure among them, in their order. */
  async settled(replyIds: readonly number[]): Promise<void> {
    const outcomes = await Promise.allSettled(replyIds.flatMap((id) => this.#results.get(id) ?? []));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
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
