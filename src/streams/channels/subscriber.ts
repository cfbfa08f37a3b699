/** A subscriber of a channel. @module */

import { LocalChannel } from '../../channel/local-channel.ts';
import type { LocalChannelOptions } from '../../channel/local-channel.ts';
import { isEvent } from '../events/event.ts';

/**
 * Items for one consumer. An event that has no room counts as dealt with for this one; those that wait when it leaves are
 * handed back.
 */
export class Subscriber<T> extends LocalChannel<T> {
  readonly #options: LocalChannelOptions;
  #onClose: (() => void) | undefined;

  constructor(options: LocalChannelOptions, onClose?: () => void) {
    super(options);
    this.#options = options;
    this.#onClose = onClose;
  }

  override async put(item: T): Promise<void> {
    const isFull = isEvent(item) && this.size >= this.maxSize && !this.closed;
    const { overflow } = this.#options;
    if (isFull && overflow === 'drop-oldest') await acknowledge(this.snapshot()[0]);
    await super.put(item);
    if (isFull && overflow === 'drop-newest') await acknowledge(item);
  }

  override close(): void {
    const left = this.snapshot();
    super.close();
    // If the signal was aborted before, the subscriber is closed from the start.
    if (#onClose in this) {
      this.#onClose?.();
      this.#onClose = undefined;
    }
    for (const item of left) if (isEvent(item)) void item.nack();
  }
}

async function acknowledge(item: unknown): Promise<void> {
  if (isEvent(item)) await item.ack();
}
