/** A promise that is resolved from outside. @module */

/** Opens once, and stays open. */
export class Latch {
  readonly opened: Promise<void>;
  #open!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }
}
