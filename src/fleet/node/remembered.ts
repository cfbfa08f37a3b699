/** Calls that are over, remembered in case they are delivered once more. @module */

/** How many are remembered. */
const most = 10_000;

/**
 * The last calls that were added, by their ids.
 *
 * Invariant: there are never more than ten thousand; the oldest ones are forgotten first.
 */
export class Remembered {
  readonly #ids = new Set<string>();

  add(id: string): void {
    this.#ids.add(id);
    const [first] = this.#ids;
    if (this.#ids.size > most && first !== undefined) this.#ids.delete(first);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}
