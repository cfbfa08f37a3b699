/** A promise that is resolved from outside. @module */

import { Promise } from './intrinsics.ts';

/** Opens once, and stays open. */
export class Latch {
  readonly opened: Promise<void>;
  #open!: () => void;
  #isOpen = false;

  constructor() {
    this.opened = new Promise((resolve) => (this.#open = resolve));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
    this.#open();
  }
}
