/** The objects and functions of this side that the other side may use over one connection. @module */

import { OffloopError } from '../../../base/errors.ts';
import type { Gate } from './gate.ts';

/** An object that was exported. */
export interface Entry {
  readonly id: number;
  readonly gate: Gate;

  /** How often it was sent, and not forgotten since. */
  times: number;
  readonly target: object;
}

/** The number of the object that a link exposes itself. */
export const root = 0;

/**
 * Numbers what is exported.
 *
 * Invariant: a number is never used again, so that one which was forgotten or forged means nothing.
 */
export class Exports {
  readonly #entries = new Map<number, Entry>();
  readonly #ids = new Map<object, number>();
  readonly #most: number;
  #last = 0;

  constructor(target: object, gate: Gate, most: number) {
    this.#entries.set(root, { id: root, target, gate, times: Infinity });
    this.#ids.set(target, root);
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size - 1;
  }

  /**
   * Gives the entry of `target`, counted as sent.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW` if the other side has too many.
   */
  add(target: object, gateOf: () => Gate): Entry {
    const known = this.#entries.get(this.#ids.get(target) ?? -1);
    if (known) {
      known.times += 1;
      return known;
    }
    if (this.#entries.size > this.#most)
      throw new OffloopError(
        'ERR_OFFLOOP_OVERFLOW',
        `Cannot send an object or a function over a link: the other side has ${this.#most}, as maxObjects allows`,
      );
    const entry: Entry = { id: (this.#last += 1), target, gate: gateOf(), times: 1 };
    this.#entries.set(entry.id, entry);
    this.#ids.set(target, entry.id);
    return entry;
  }

  get(id: number): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Forgets the object `id` once it was forgotten as often as it was sent. */
  drop(id: number, times: number): void {
    const entry = this.#entries.get(id);
    if (!entry || (entry.times -= times) > 0) return;
    this.#entries.delete(id);
    this.#ids.delete(entry.target);
    entry.gate.released?.();
  }

  clear(): void {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    this.#ids.clear();
    for (const { gate } of entries) gate.released?.();
  }
}
