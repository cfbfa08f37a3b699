/** The async context of a port's listeners, in which functions of calls may run as they are. @module */

import { Promise } from '../base/intrinsics.ts';
import { hasNoContext, travelWithIds } from './here.ts';

/** Whether this is Node.js itself: others keep contexts in ways of their own. */
const isNode = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

const settled = Promise.resolve();

/**
 * The context of the listeners of a port. To run a function `apart` takes a third of the time of a small call; a listener
 * need not. What the function puts on its async resource, as up to Node.js 23 each store that it enters, is on the port
 * then: it is found there and removed. Later, stores are gone when the listener returns.
 *
 * Invariant: while `isClean`, the port has no store, nor a place for one.
 */
export class ListenerContext {
  /** Whether a listener may call a function as it is, by {@link run}. */
  isClean = false;

  /** Whether a store that the function enters lasts until the listener returns: what follows has to run `outside`. */
  readonly lasts: boolean = !travelWithIds;

  readonly #port: Record<symbol, unknown>;

  /** The symbols that the port has while no store was entered. */
  #known: readonly symbol[] | undefined;

  constructor(port: object) {
    this.#port = port as Record<symbol, unknown>;
    if (isNode) void this.#begin();
  }

  async #begin(): Promise<void> {
    await settled;
    // A port that was made while somebody used `AsyncLocalStorage` may have a place for a store.
    this.isClean = this.lasts || hasNoContext();
  }

  /** Runs `run` with two arguments, as `apart` does; only to be called by a listener of the port. */
  run<A, B, T>(run: (first: A, second: B) => T, first: A, second: B): T {
    // A listener runs, so the port has all symbols that Node.js gives it.
    const known = (this.#known ??= Object.getOwnPropertySymbols(this.#port));
    try {
      return run(first, second);
    } finally {
      if (Object.getOwnPropertySymbols(this.#port).length !== known.length) this.#clean(known);
    }
  }

  /** Removes the store that was entered, or what else was put on the resource. From then on, functions are run apart. */
  #clean(known: readonly symbol[]): void {
    this.isClean = false;
    for (const symbol of Object.getOwnPropertySymbols(this.#port))
      if (!known.includes(symbol)) delete this.#port[symbol];
  }
}
