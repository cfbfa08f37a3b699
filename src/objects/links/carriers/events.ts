/** Listens to emitters of Node.js and to targets of the web alike. @module */

/** Anything that has events, in one of the two ways. */
export interface Emitting {
  on?(name: string, listener: (...args: unknown[]) => void): unknown;
  off?(name: string, listener: (...args: unknown[]) => void): unknown;
  addEventListener?(name: string, listener: (event: never) => void): unknown;
  removeEventListener?(name: string, listener: (event: never) => void): unknown;
}

type Listener = (...args: unknown[]) => void;

/** Listeners that are taken off together. */
export class Listening {
  readonly #target: Emitting;
  readonly #listeners: [name: string, listener: Listener][] = [];

  constructor(target: Emitting) {
    this.#target = target;
  }

  /** Calls `listener` with what the event `name` has: its argument, or the event of the web. */
  on(name: string, given: (value: never) => void): this {
    const listener = given as Listener;
    this.#listeners.push([name, listener]);
    if (this.#target.on) this.#target.on(name, listener);
    else this.#target.addEventListener?.(name, listener);
    return this;
  }

  stop(): void {
    for (const [name, listener] of this.#listeners.splice(0)) {
      if (this.#target.off) this.#target.off(name, listener);
      else this.#target.removeEventListener?.(name, listener);
    }
  }
}
