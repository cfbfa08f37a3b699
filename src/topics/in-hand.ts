/** The messages that a consumer has and has not settled. @module */

import { after } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import type { Decoded } from './message.ts';
import type { IncomingMessage } from './transport.ts';

/**
 * Counts them. Those that the broker delivers no more are kept as well: they cannot be handed back.
 *
 * Invariant: `size` counts messages of this epoch only.
 */
export class InHand {
  size = 0;

  /** Messages that were given before this has changed are not to be settled any more. */
  epoch = 0;
  #voidBelow = 0;
  readonly #last = new Map<IncomingMessage, Decoded>();
  #onEmpty: (() => void) | undefined;

  /** A message is given. */
  add(message: IncomingMessage, decoded: Decoded): void {
    this.size += 1;
    if (message.isLast) this.#last.set(message, decoded);
  }

  /** A message is settled. */
  remove(message: IncomingMessage): void {
    this.size -= 1;
    if (message.isLast) this.#last.delete(message);
    if (this.size === 0) this.#onEmpty?.();
  }

  /** All are the broker's again; gives those that it will not deliver any more. */
  clear(): readonly (readonly [IncomingMessage, Decoded])[] {
    const last = [...this.#last];
    this.#last.clear();
    this.size = 0;
    this.epoch += 1;
    this.#onEmpty?.();
    return last;
  }

  /** The topic goes on elsewhere: what becomes of them means nothing. */
  void(): void {
    this.clear();
    this.#voidBelow = this.epoch;
  }

  isVoid(epoch: number): boolean {
    return epoch < this.#voidBelow;
  }

  /** Resolves when none is left, or after `timeout` milliseconds. */
  async emptied(timeout: number): Promise<void> {
    if (this.size === 0 || timeout === 0) return;
    await new Promise<void>((resolve) => {
      const later = after(timeout, () => this.#onEmpty?.());
      later.hold();
      this.#onEmpty = () => {
        this.#onEmpty = undefined;
        later.letGo();
        later.cancel();
        resolve();
      };
    });
  }
}
