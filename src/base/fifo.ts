/** A queue whose operations take the same time however many items wait. @module */

/**
 * Items in the order in which they were put in. `Array.prototype.shift` moves all items of a long array.
 *
 * Invariant: the first `#taken` entries of `#items` were taken, and are fewer than half of them.
 */
export class Fifo<T> {
  #items: T[] = [];
  #taken = 0;

  get size(): number {
    return this.#items.length - this.#taken;
  }

  /** The item that is taken next; it stays. */
  get first(): T | undefined {
    return this.#items[this.#taken];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#taken];
    if (this.#taken < this.#items.length) this.#taken += 1;
    // Slicing at half frees the taken items, and costs a constant number of copies per item on average.
    if (this.#taken * 2 >= this.#items.length) this.#trim();
    return item;
  }

  /** All items, oldest first; they stay. */
  snapshot(): T[] {
    return this.#items.slice(this.#taken);
  }

  /** Takes all items, oldest first. */
  drain(): T[] {
    const items = this.snapshot();
    this.#items = [];
    this.#taken = 0;
    return items;
  }

  #trim(): void {
    if (this.#taken === this.#items.length) this.#items.length = 0;
    else this.#items = this.#items.slice(this.#taken);
    this.#taken = 0;
  }
}
